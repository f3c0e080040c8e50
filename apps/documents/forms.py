"""What people type into the design document."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.documents.models import ArchitectureDecision
from apps.documents.services import DecisionFields

State = ArchitectureDecision.State


class SectionForm(forms.Form):
    """The limit of the text is the service's, which says what to do about it."""

    text = forms.CharField(
        label=_("Text in Markdown"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 24, "spellcheck": "true"}),
    )
    note = forms.CharField(
        label=_("What you changed"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "input"}),
        help_text=_("Stands in the list of versions."),
    )
    based_on = forms.IntegerField(min_value=0, max_value=2_147_483_647, widget=forms.HiddenInput)


class NotNeededForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the project does without it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Its text leaves the document; earlier versions keep it."),
    )
    based_on = forms.IntegerField(
        min_value=0, max_value=2_147_483_647, widget=forms.HiddenInput(attrs={"id": "id_based_on_reason"})
    )


class DecisionForm(forms.ModelForm[ArchitectureDecision]):
    class Meta:
        model = ArchitectureDecision
        fields = ["area", "title", "context", "options", "decision", "consequences"]
        widgets = {
            "area": forms.Select(attrs={"class": "input select"}),
            "title": forms.TextInput(attrs={"class": "input"}),
            **{
                name: forms.Textarea(attrs={"rows": rows})
                for name, rows in (("context", 4), ("options", 5), ("decision", 4), ("consequences", 4))
            },
        }
        help_texts = {
            "title": _("The decision in a few words: “Scores are computed once a night”."),
            "context": _("What made a decision necessary: requirements, limits, numbers."),
            "options": _("What else was possible, and what spoke for and against it."),
            "decision": _("What is done, in the present tense."),
            "consequences": _("What gets easier, what gets harder, and what must be watched."),
        }

    def fields_of(self) -> DecisionFields:
        """What the service takes; only for a valid form."""
        return DecisionFields(**self.cleaned_data)


class SupersedeForm(forms.Form):
    by = forms.ModelChoiceField[ArchitectureDecision](
        label=_("Gives way to"),
        empty_label=_("Choose"),
        queryset=ArchitectureDecision.objects.none(),
        widget=forms.Select(attrs={"class": "input select"}),
        error_messages={
            "invalid_choice": _("Choose an accepted decision of this project."),
            "required": _("Choose the decision that takes its place."),
        },
    )

    def __init__(self, *args: Any, decision: ArchitectureDecision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accepted = ArchitectureDecision.objects.filter(project=decision.project, state=State.ACCEPTED)
        field = cast("forms.ModelChoiceField[ArchitectureDecision]", self.fields["by"])
        field.queryset = accepted.exclude(pk=decision.pk)
        field.label_from_instance = lambda row: f"{row.code} {row.title}"  # type: ignore[method-assign, assignment]


class DifferenceForm(forms.Form):
    """Numbers of two versions; 0 is the document before its first one."""

    old = forms.IntegerField(label=_("From version"), min_value=0, max_value=2_147_483_647)
    new = forms.IntegerField(label=_("to version"), min_value=0, max_value=2_147_483_647)
