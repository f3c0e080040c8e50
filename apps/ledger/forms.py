"""What people write about changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.compute.metrics.registry import METRICS
from apps.ledger.models import Change
from apps.ledger.services import MOST_COST, MOST_DAYS, SOURCE, SUBJECT, TITLE, Effort, Elsewhere


def metric_choices() -> list[tuple[str, str]]:
    return [
        (metric.key, _(metric.label)) for metric in METRICS.values() if metric.higher_is_better is not None
    ]


class EffortForm(forms.Form):
    """A change of which a run says what it brought."""

    title = forms.CharField(label=gettext_lazy("Change"), max_length=TITLE)
    subject = forms.CharField(
        label=gettext_lazy("What was worked on"),
        max_length=SUBJECT,
        required=False,
        help_text=gettext_lazy("Changes of one subject stand in one ledger. Empty: the whole project."),
    )
    days = forms.FloatField(
        label=gettext_lazy("Days of work"), min_value=0, max_value=MOST_DAYS, required=False
    )
    cost = forms.FloatField(
        label=gettext_lazy("Cost"),
        min_value=0,
        max_value=MOST_COST,
        required=False,
        help_text=gettext_lazy("In the currency of the price list."),
    )
    kept = forms.BooleanField(label=gettext_lazy("The change was kept"), required=False, initial=True)

    def effort(self) -> Effort:
        """Of a valid form."""
        names = ("title", "subject", "days", "cost", "kept")
        return Effort(**{name: self.cleaned_data[name] for name in names})


class ElsewhereForm(EffortForm):
    """A change that was measured outside the portal."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            (kind.value, kind.label) for kind in (Change.Kind.DATA, Change.Kind.MODEL, Change.Kind.BOTH)
        ],
    )
    metric = forms.ChoiceField(label=gettext_lazy("Metric"), choices=metric_choices)
    before = forms.FloatField(
        label=gettext_lazy("Before"), help_text=gettext_lazy("Shares from 0 to 1: 0.762 for 76.2 %.")
    )
    after = forms.FloatField(label=gettext_lazy("After"))
    source = forms.CharField(
        label=gettext_lazy("Where it was measured"),
        max_length=SOURCE,
        help_text=gettext_lazy("A report, a table, a notebook. Without a run the gain has no interval."),
    )

    field_order = ("title", "subject", "kind", "metric", "before", "after", "source", "days", "cost", "kept")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "metric"):
            self.fields[name].widget.attrs["class"] = "input select"

    def elsewhere(self) -> Elsewhere:
        """Of a valid form."""
        names = ("kind", "metric", "before", "after", "source")
        return Elsewhere(**{name: self.cleaned_data[name] for name in names})
