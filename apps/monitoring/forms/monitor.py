"""What people say of a monitor: few things first, the rest under "More settings"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.compute.metrics.registry import METRICS
from apps.datasets.models import DataFile, DatasetVersion
from apps.drift.asked import source_of
from apps.drift.forms import source_key
from apps.drift.services import Source, reference_of
from apps.evaluations.models import ModelVersion, measured_task_choices
from apps.monitoring.forms.fields import (
    MomentField,
    RolesField,
    area,
    number,
    text,
    written_moment,
    written_roles,
)
from apps.monitoring.forms.filters import select
from apps.monitoring.models import Comparable, Monitor, Unit, WatchedModel
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.projects.models import Project
from apps.requirements.models import Requirement

MOST_OFFERED = 200
#: Fields that open with the page; the others are under "More settings".
FIRST = ("name", "reference", "version", "task", "every", "unit", "starts_at", "label_delay_hours")
#: Fields whose values `MonitorAbout` takes as they are.
_PLAIN = (
    *("name", "task", "description", "positive", "threshold", "roles", "every", "unit", "starts_at"),
    *("ends_at", "zone", "grace_minutes", "comparable", "label_delay_hours", "watch_metric"),
    *("smallest_drop", "live_windows", "retention_days"),
)


class RequirementsField(forms.ModelMultipleChoiceField[Requirement]):
    """Each with its code and what it says."""

    def label_from_instance(self, requirement: Requirement) -> str:
        said = requirement.current.statement if requirement.current else ""
        return Truncator(f"{requirement.code} {said}").chars(80)


class MonitorForm(forms.Form):
    """``monitor`` is the one that is changed, None for a new one; only a new one asks for the model."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=text())
    reference = forms.ChoiceField(
        label=gettext_lazy("Reference"),
        help_text=gettext_lazy("Data that the model was made for: each batch is compared with them."),
        widget=select(),
    )
    version = forms.ModelChoiceField(
        label=gettext_lazy("Model in use"),
        queryset=ModelVersion.objects.none(),
        empty_label=gettext_lazy("Choose the version"),
        help_text=gettext_lazy("Challengers and the baseline without ML are added later."),
        widget=select(),
    )
    task = forms.ChoiceField(label=gettext_lazy("Task"), choices=measured_task_choices, widget=select())
    every = forms.IntegerField(
        label=gettext_lazy("A batch every"), min_value=1, max_value=100_000, initial=1, widget=number()
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), choices=Unit.choices, initial=Unit.DAYS, widget=select()
    )
    starts_at = MomentField(
        label=gettext_lazy("The first window starts"),
        help_text=gettext_lazy("In the time zone of the system."),
    )
    label_delay_hours = forms.IntegerField(
        label=gettext_lazy("Labels arrive after, hours"),
        min_value=0,
        max_value=100_000,
        initial=0,
        help_text=gettext_lazy("Until then the page says that it is not known how well the model works."),
        widget=number(),
    )
    description = forms.CharField(
        label=gettext_lazy("What it watches"), required=False, max_length=2_000, widget=area(2)
    )
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"), initial="UTC", widget=select())
    roles = RolesField(
        label=gettext_lazy("Use of the columns"),
        help_text=gettext_lazy(
            "A column a line, for example: is_fraud = target. Empty: as in the reference. Roles: id, "
            "timestamp, target, slice, weight, latency, feature, ignore."
        ),
    )
    positive = forms.CharField(
        label=gettext_lazy("Positive class"), required=False, max_length=200, widget=text()
    )
    threshold = forms.FloatField(
        label=gettext_lazy("Threshold"), required=False, min_value=0, max_value=1, widget=number(step="any")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days with data"),
        choices=[(str(day + 1), name) for day, name in WEEKDAYS.items()],
        coerce=int,
        initial=[str(day) for day in range(1, 8)],
        widget=forms.CheckboxSelectMultiple,
    )
    holidays = forms.CharField(
        label=gettext_lazy("Days without data"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy("Dates with spaces or lines between them, for example 2026-12-25."),
        widget=area(2),
    )
    grace_minutes = forms.IntegerField(
        label=gettext_lazy("Late after, minutes"),
        min_value=0,
        max_value=1_000_000,
        initial=60,
        help_text=gettext_lazy("From the end of the window on. Silence beyond it opens an alert."),
        widget=number(),
    )
    comparable = forms.ChoiceField(
        label=gettext_lazy("Compared with"),
        choices=Comparable.choices,
        initial=Comparable.AUTO,
        widget=select(),
    )
    watch_metric = forms.ChoiceField(
        label=gettext_lazy("Metric that must not get worse"), required=False, widget=select()
    )
    smallest_drop = forms.FloatField(
        label=gettext_lazy("Smallest worsening that matters"),
        min_value=0,
        initial=0.02,
        help_text=gettext_lazy(
            "In points for shares and scores, else as a share of the value: 0.1 is a tenth."
        ),
        widget=number(step="any"),
    )
    false_alarms = forms.FloatField(
        label=gettext_lazy("False alarms in 100 windows, %"),
        min_value=0.01,
        max_value=50,
        initial=5,
        help_text=gettext_lazy("The probability of any false “worse than yesterday”."),
        widget=number(step="any"),
    )
    live_windows = forms.IntegerField(
        label=gettext_lazy("Windows judged together"),
        min_value=1,
        max_value=1_000,
        initial=10,
        help_text=gettext_lazy("Requirements are judged on the newest of them that have labels."),
        widget=number(),
    )
    requirements = RequirementsField(
        label=gettext_lazy("Requirements"),
        required=False,
        queryset=Requirement.objects.none(),
        help_text=gettext_lazy("None chosen: all of the project."),
        widget=forms.CheckboxSelectMultiple,
    )
    owners = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who is told of alerts"),
        required=False,
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    retention_days = forms.IntegerField(
        label=gettext_lazy("Raw batches are kept, days"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty: for ever. What was found in them always stays."),
        widget=number(),
    )
    ends_at = MomentField(
        label=gettext_lazy("The last window ends"),
        required=False,
        help_text=gettext_lazy("Of a system that was switched off: nothing is expected after it."),
    )

    def __init__(self, *args: Any, project: Project, monitor: Monitor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.monitor = monitor
        fields: dict[str, Any] = self.fields
        fields["reference"].choices = _sources(project, monitor)
        fields["zone"].choices = [(name, name) for name in sorted(available_timezones())]
        known = [(key, _(m.label)) for key, m in METRICS.items() if m.higher_is_better is not None]
        fields["watch_metric"].choices = [("", _("Chosen by the task")), *known]
        requirements = Requirement.objects.filter(project=project, withdrawn_at=None)
        fields["requirements"].queryset = requirements.select_related("current").order_by("number")
        members = User.objects.filter(memberships__project=project).distinct()
        fields["owners"].queryset = members.order_by("name", "email")
        if monitor is not None:
            del fields["version"]
            return
        versions = ModelVersion.objects.filter(model__project=project).select_related("model")
        fields["version"].queryset = versions.order_by("model__name", "-pk")

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FIRST if name in self.fields]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in FIRST]

    @property
    def more_is_wrong(self) -> bool:
        return any(name not in FIRST for name in self.errors)

    def clean_holidays(self) -> list[date]:
        days = []
        for written in self.cleaned_data["holidays"].replace(",", " ").split():
            try:
                days.append(date.fromisoformat(written))
            except ValueError:
                raise forms.ValidationError(
                    _("“%(written)s” is not a date. Write dates such as 2026-12-25.") % {"written": written}
                ) from None
        return days

    def clean_reference(self) -> Source:
        source = source_of(self.project, self.cleaned_data["reference"])
        if source is None:
            raise forms.ValidationError(_("These data are not there any more. Choose others."))
        return source

    def about(self) -> MonitorAbout:
        said = self.cleaned_data
        about = MonitorAbout(
            **{name: said[name] for name in _PLAIN},
            reference=self._reference(said["reference"]),
            weekdays=said["weekdays"],
            holidays=said["holidays"],
            false_alarms=said["false_alarms"] / 100,
            requirements=list(said["requirements"]),
            owners=list(said["owners"]),
        )
        if self.monitor is None:
            return about
        return replace(about, drift_spec=MonitorAbout.of(self.monitor).drift_spec)

    def watched(self) -> WatchedAbout:
        return WatchedAbout(version=self.cleaned_data["version"])

    def _reference(self, source: Source) -> Source:
        """The chosen data; the rows that were chosen of them before stay chosen."""
        before = MonitorAbout.of(self.monitor).reference if self.monitor else reference_of(self.project)
        return before if before and source_key(before) == source_key(source) else source


def _sources(project: Project, monitor: Monitor | None) -> list[Any]:
    """Groups of keys and names: versions of data sets, then files, the newest first."""
    versions = DatasetVersion.objects.filter(project=project).select_related("dataset").order_by("-pk")
    files = DataFile.objects.uploaded().filter(project=project).only("name", "uploaded_at")
    groups = [
        (_("Data sets"), [(f"version:{each.pk}", str(each)) for each in versions[:MOST_OFFERED]]),
        (_("Files"), [(f"file:{each.pk}", each.name) for each in files[:MOST_OFFERED]]),
    ]
    own = MonitorAbout.of(monitor).reference if monitor else reference_of(project)
    offered = {key for _name, group in groups for key, _words in group}
    if own is not None and source_key(own) not in offered:
        groups.insert(0, (_("In use"), [(source_key(own), str(own.version or own.file))]))
    return [("", _("Choose the data")), *groups]


def initial_of(monitor: Monitor) -> dict[str, Any]:
    """What the form starts from when a monitor is changed."""
    about = MonitorAbout.of(monitor)
    return {
        **{name: getattr(about, name) for name in _PLAIN},
        "reference": source_key(about.reference),
        "roles": written_roles(about.roles),
        "starts_at": written_moment(monitor.starts_at, monitor.zone),
        "ends_at": written_moment(monitor.ends_at, monitor.zone),
        "weekdays": [str(day) for day in about.weekdays],
        "holidays": " ".join(_iso(about.holidays)),
        "false_alarms": f"{100 * about.false_alarms:.6g}",
        "requirements": [requirement.pk for requirement in about.requirements],
        "owners": [person.pk for person in about.owners],
    }


def new_initial(project: Project) -> dict[str, Any]:
    own = reference_of(project)
    today = timezone.localdate()
    return {"reference": source_key(own), "starts_at": f"{today.isoformat()}T00:00"}


def _iso(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in days]


class WatchForm(forms.Form):
    """Another model version to watch: the new champion, a challenger or the baseline."""

    version = forms.ModelChoiceField(
        label=gettext_lazy("Version"),
        queryset=ModelVersion.objects.none(),
        empty_label=gettext_lazy("Choose the version"),
        widget=select(),
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Part"), choices=WatchedModel.Part.choices, initial=WatchedModel.Part.CHALLENGER,
        help_text=gettext_lazy("A new champion or baseline takes the place of the one before it."),
        widget=select(),
    )  # fmt: skip
    since = MomentField(
        label=gettext_lazy("Since"), required=False, help_text=gettext_lazy("Empty: from now on.")
    )
    roles = RolesField(
        label=gettext_lazy("Columns of its predictions"),
        help_text=gettext_lazy(
            "A column a line, for example: rules_say = prediction. Empty: as in the reference."
        ),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version: Any = self.fields["version"]
        versions = ModelVersion.objects.filter(model__project=project).select_related("model")
        version.queryset = versions.order_by("model__name", "-pk")
