"""How people look for monitors and alerts, and what of a monitor they look at.

Wrong values are left out, so that an old link still opens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.monitoring.lists import ALERT_STATES, HEALTH, SHOWN
from apps.monitoring.models import Alert, Monitor
from apps.monitoring.pages.time_line import Asked
from apps.requirements.wording import metric_label

WINDOWS = {"30": 30, "100": 100, "500": 500, "all": None}
USUAL = "100"


def select() -> forms.Select:
    return forms.Select(attrs={"class": "input select"})


def search(placeholder: Any) -> forms.TextInput:
    return forms.TextInput(
        attrs={
            "type": "search", "class": "input", "data-filter": "", "autocomplete": "off",
            "placeholder": placeholder,
        }
    )  # fmt: skip


class FilterForm(forms.Form):
    def chosen(self) -> dict[str, Any]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def words(self) -> str:
        """The filters as a reader would say them: “fraud”, Open."""
        said = []
        for name, value in self.chosen().items():
            choices = dict(getattr(self.fields[name], "choices", ()))
            said.append(str(choices.get(value, f"“{value}”")))
        return ", ".join(said)


class MonitorFilterForm(FilterForm):
    q = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Search monitors"),
        widget=search(gettext_lazy("Name, project or model")),
    )
    health = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Health"),
        choices=[("", gettext_lazy("Any health")), *HEALTH.items()],
        widget=select(),
    )
    state = forms.ChoiceField(
        required=False,
        label=gettext_lazy("State"),
        choices=[("", gettext_lazy("Active and paused")), *SHOWN.items()],
        widget=select(),
    )


class AlertFilterForm(FilterForm):
    q = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Search alerts"),
        widget=search(gettext_lazy("Monitor, project or column")),
    )
    state = forms.ChoiceField(
        required=False,
        label=gettext_lazy("State"),
        choices=[("", gettext_lazy("Not resolved")), *ALERT_STATES.items()],
        widget=select(),
    )
    kind = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Kind"),
        choices=[("", gettext_lazy("Any kind")), *Alert.Kind.choices],
        widget=select(),
    )
    severity = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Severity"),
        choices=[("", gettext_lazy("Failures and warnings")), *Alert.Severity.choices],
        widget=select(),
    )


class TimeLineForm(FilterForm):
    """Which windows, which metric, which part of the rows."""

    windows = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Windows"),
        choices=[
            ("30", gettext_lazy("Last 30 windows")),
            ("", gettext_lazy("Last 100 windows")),
            ("500", gettext_lazy("Last 500 windows")),
            ("all", gettext_lazy("All windows")),
        ],
        widget=select(),
    )
    first = forms.DateField(
        required=False,
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        required=False,
        label=gettext_lazy("To"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
    )
    metric = forms.ChoiceField(required=False, label=gettext_lazy("Metric"), widget=select())
    segment = forms.ChoiceField(required=False, label=gettext_lazy("Rows"), widget=select())

    def __init__(
        self,
        *args: Any,
        monitor: Monitor,
        metrics: Sequence[str],
        segments: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.monitor = monitor
        others = [key for key in metrics if key != monitor.watch_metric]
        metric: Any = self.fields["metric"]
        metric.choices = [
            ("", metric_label(monitor.watch_metric)),
            *((key, metric_label(key)) for key in others),
        ]
        segment: Any = self.fields["segment"]
        segment.choices = [
            ("", _("All rows")),
            *((json.dumps(pair, ensure_ascii=False), f"{pair[0]}: {pair[1]}") for pair in segments),
        ]

    def asked(self) -> Asked:
        said = self.chosen()
        column, value = json.loads(said["segment"]) if "segment" in said else ("", "")
        return Asked(
            metric=said.get("metric", self.monitor.watch_metric),
            windows=WINDOWS[said.get("windows", USUAL)],
            first=said.get("first"),
            last=said.get("last"),
            slice_column=column,
            slice_value=value,
        )
