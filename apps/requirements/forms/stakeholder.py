"""Who wants something, and the matrix of who wants what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.requirements.models import Requirement, Stakeholder, Stance
from apps.requirements.services import StakeholderFields

STANCES = [("", gettext_lazy("no stake")), *Stance.Kind.choices]


class StakeholderForm(forms.ModelForm[Stakeholder]):
    class Meta:
        model = Stakeholder
        fields = ["name", "influence", "goal", "objective", "baseline", "measure", "direction"]
        widgets = {
            "goal": forms.Textarea(attrs={"rows": 2}),
            "objective": forms.Textarea(attrs={"rows": 2}),
            "influence": forms.RadioSelect,
        }
        help_texts = {
            "name": gettext_lazy("A role, not a person: “Fraud Operations”."),
            "goal": gettext_lazy("What they want to reach, in their own words."),
            "objective": gettext_lazy("By how much and until when, in their own words."),
            "baseline": gettext_lazy("“We stop 71 of 100 stolen euros today.”"),
            "measure": gettext_lazy("The number that they look at: “share of fraud value stopped”."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        direction: Any = self.fields["direction"]
        direction.choices = [("", _("not said")), *Stakeholder.Direction.choices]

    def stakeholder_fields(self) -> StakeholderFields:
        return StakeholderFields(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class StancesForm(forms.Form):
    """What each stakeholder says of one requirement, or of several: a field a cell, named by both.

    Each field carries what the page showed, so that a form sent late changes only what its reader changed.
    """

    def __init__(
        self,
        *args: Any,
        stakeholders: Sequence[Stakeholder],
        requirements: Sequence[Requirement],
        stances: Mapping[tuple[int, int], str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cells = {
            f"cell-{stakeholder.pk}-{requirement.pk}": (stakeholder, requirement)
            for stakeholder in stakeholders
            for requirement in requirements
        }
        for name, (stakeholder, requirement) in self.cells.items():
            label = _("%(stakeholder)s, %(requirement)s") % {
                "stakeholder": stakeholder,
                "requirement": requirement,
            }
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=STANCES,
                required=False,
                initial=stances.get((stakeholder.pk, requirement.pk), ""),
                show_hidden_initial=True,
                widget=forms.Select(attrs={"class": "input select", "aria-label": label}),
            )

    def changes(self) -> list[tuple[Stakeholder, Requirement, str]]:
        """The cells that the reader changed, with the new kind. Of a valid form."""
        return [(*self.cells[name], self.cleaned_data[name]) for name in self.changed_data]
