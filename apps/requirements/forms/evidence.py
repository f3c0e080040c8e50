"""Evidence that people record, and waivers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.projects.models import Project
from apps.requirements.forms.limit import number_and_sign, parse_limit
from apps.requirements.models import Evidence, RequirementVersion
from apps.requirements.services import EvidenceFields

MOST_VALUES = 10_000


class EvidenceForm(forms.Form):
    """What every kind of evidence has; the kinds add their own fields after the title."""

    kind: Evidence.Kind
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        help_text=gettext_lazy("“Failover drill, 12 November”"),
    )
    observed_at = forms.DateTimeField(
        label=gettext_lazy("Observed"),
        required=False,
        help_text=gettext_lazy("Empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Write a date and time, for example 2026-03-01 14:30")},
    )
    link = forms.URLField(label=gettext_lazy("Link"), max_length=500, required=False, assume_scheme="https")
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    own: tuple[str, ...] = ()  # names of the fields that only this kind has

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["title", *self.own, "observed_at", "link", "note"])

    def clean_observed_at(self) -> Any:
        moment = self.cleaned_data["observed_at"]
        if moment and moment > timezone.now() + timedelta(minutes=5):
            raise forms.ValidationError(
                _("This moment has not come yet. Evidence is recorded after it was seen.")
            )
        return moment

    def evidence_fields(self) -> EvidenceFields:
        """Of a valid form."""
        return EvidenceFields(kind=self.kind, **self.cleaned_data)


class DocumentForm(EvidenceForm):
    kind = Evidence.Kind.DOCUMENT
    own = ("supports",)
    supports = forms.TypedChoiceField(
        label=gettext_lazy("What the document shows"),
        choices=[("yes", gettext_lazy("The requirement holds")), ("no", gettext_lazy("It does not hold"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


class DrillForm(EvidenceForm):
    kind = Evidence.Kind.DRILL
    own = ("values", "unit", "comparison", "limit")
    values = forms.CharField(
        label=gettext_lazy("Measured values"),
        max_length=200_000,
        help_text=gettext_lazy("One number per repeat, one a line, two repeats at least: 1.2"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"), max_length=20, help_text=gettext_lazy("“s”, “ms”, “€”")
    )
    comparison = forms.ChoiceField(
        label=gettext_lazy("The mean must be"),
        choices=RequirementVersion.Comparison.choices,
        initial=RequirementVersion.Comparison.AT_MOST,
        widget=forms.RadioSelect,
    )
    limit = forms.FloatField(label=gettext_lazy("Limit, in this unit"))

    def clean_values(self) -> tuple[float, ...]:
        values = []
        for row, line in enumerate(self.cleaned_data["values"].replace(";", "\n").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                number, sign = number_and_sign(line)
            except forms.ValidationError:
                sign = line
            if sign:
                raise forms.ValidationError(
                    _("Line %(row)s, “%(line)s”, is no number. Write one number a line, without a unit."),
                    params={"row": row, "line": line.strip()[:40]},
                )
            values.append(number)
        if not 2 <= len(values) <= MOST_VALUES:
            raise forms.ValidationError(
                _("Write between 2 and %(most)s values; there are %(count)s."),
                params={"most": MOST_VALUES, "count": len(values)},
            )
        return tuple(values)


class JudgementForm(EvidenceForm):
    kind = Evidence.Kind.JUDGEMENT
    own = ("positive", "total", "comparison", "limit")
    positive = forms.IntegerField(label=gettext_lazy("Judged good"), min_value=0, max_value=2_000_000_000)
    total = forms.IntegerField(label=gettext_lazy("Judged in all"), min_value=1, max_value=2_000_000_000)
    comparison = forms.ChoiceField(
        label=gettext_lazy("The share of the good must be"),
        choices=RequirementVersion.Comparison.choices,
        initial=RequirementVersion.Comparison.AT_LEAST,
        widget=forms.RadioSelect,
    )
    limit = forms.CharField(
        label=gettext_lazy("Limit"), max_length=40, help_text=gettext_lazy("In per cent: 90 %")
    )

    def clean_limit(self) -> float:
        limit = parse_limit(self.cleaned_data["limit"], "share")
        if not 0 <= limit <= 1:
            raise forms.ValidationError(_("A share lies between 0 and 100 per cent."), code="wrong_unit")
        return limit

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        positive, total = cleaned.get("positive"), cleaned.get("total")
        if positive is not None and total is not None and positive > total:
            self.add_error("positive", _("This is more than were judged in all."))
        return cleaned


EVIDENCE_FORMS: dict[str, type[EvidenceForm]] = {
    form.kind.value: form for form in (JudgementForm, DrillForm, DocumentForm)
}


class WaiverForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who answers for it"),
        help_text=gettext_lazy("A member of the project."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2_000,
        help_text=gettext_lazy("Why the project may go on without this requirement for now."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Expires"),
        help_text=gettext_lazy("From this day on the requirement counts again."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write a date, for example 2026-12-31")},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(memberships__project=project).order_by("name", "email")
