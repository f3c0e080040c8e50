"""The toolbar over the list of requirements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from apps.requirements.models import RequirementVersion, Stakeholder, VerdictState


class RequirementFilterForm(forms.Form):
    """Wrong values are left out, so that an old link still opens."""

    stakeholder = forms.TypedChoiceField(label=gettext_lazy("Stakeholder"), required=False, coerce=int)
    state = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        required=False,
        choices=[("", gettext_lazy("All verdicts")), *VerdictState.choices],
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        required=False,
        choices=[("", gettext_lazy("All priorities")), *RequirementVersion.Priority.choices],
    )

    def __init__(self, *args: Any, stakeholders: Sequence[Stakeholder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stakeholder: Any = self.fields["stakeholder"]
        everybody = gettext_lazy("All stakeholders")
        stakeholder.choices = [("", everybody), *[(row.pk, row.name) for row in stakeholders]]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input select"

    def chosen(self) -> dict[str, Any]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def words(self) -> str:
        """The filters as a reader would say them: Customer Care, Refuted."""
        choices: dict[str, Any] = {name: dict(self.fields[name].choices) for name in self.fields}  # type: ignore[attr-defined]
        return ", ".join(str(choices[name][value]) for name, value in self.chosen().items())
