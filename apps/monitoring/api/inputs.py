"""What a request may say of monitors, batches, labels and alerts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from apps.accounts.models import User
from apps.compute.roles import roles_from_json
from apps.datasets.api.serializers import RolesField
from apps.drift.api.inputs import JsonText, ReferenceSideField, SpecSerializer, source_of, spec_of
from apps.evaluations.models import ModelVersion, measured_task_choices
from apps.monitoring.models import Alert, Comparable, LightState, Monitor, Unit, WatchedModel
from apps.monitoring.models.monitors import every_weekday
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.projects.access import visible
from apps.projects.api.rows import (
    FIRST_DAY,
    LAST_DAY,
    Asked,
    CountField,
    DayField,
    IsSetField,
    MomentField,
    NumberField,
    OneOf,
    PersonField,
    ProjectField,
    ProjectFilter,
    RowField,
)
from apps.requirements.models import Requirement


def _versions(user: User) -> QuerySet[ModelVersion]:
    return visible(ModelVersion.objects.select_related("model"), user, "model__project")


def _requirements(user: User) -> QuerySet[Requirement]:
    return Requirement.objects.visible_to(user)


def _monitors(user: User) -> QuerySet[Monitor]:
    return Monitor.objects.visible_to(user)


class LocalMomentField(serializers.DateTimeField):
    """A moment; one without a zone is one of the monitor's zone, and stays without."""

    default_error_messages = DayField.default_error_messages

    def enforce_timezone(self, value: Any) -> Any:
        if not FIRST_DAY <= value.date() <= LAST_DAY:
            self.fail("far", first=FIRST_DAY, last=LAST_DAY)
        return value


class WatchedInput(serializers.Serializer[Any]):
    """A model version to watch."""

    version = RowField(_versions, help_text="A model version; model-versions lists them.")
    part = OneOf(choices=WatchedModel.Part.choices, required=False, default=WatchedModel.Part.CHAMPION.value)
    roles = RolesField(
        required=False, default=dict, help_text="Uses of its columns; those of the reference, if left out."
    )
    since = LocalMomentField(required=False, allow_null=True, default=None)


def watched_of(said: dict[str, Any]) -> WatchedAbout:
    return WatchedAbout(**{**said, "roles": roles_from_json(said["roles"])})


class MonitorInput(serializers.Serializer[Any]):
    """Everything that is said of a monitor; see the fields of the answer for their meaning."""

    name = serializers.CharField(required=False, max_length=120)
    task = OneOf(choices=measured_task_choices(), required=False)
    reference = ReferenceSideField(
        required=False, help_text="What batches are compared with: data with predictions."
    )
    starts_at = LocalMomentField(required=False, help_text="Where the first window begins.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=2_000)
    positive = serializers.CharField(required=False, allow_blank=True, max_length=200)
    threshold = NumberField(required=False, allow_null=True)
    roles = RolesField(required=False, help_text="Uses of the columns that all models share.")
    drift = SpecSerializer(required=False, help_text="How batches are compared.")
    every = CountField(required=False, min_value=1)
    unit = OneOf(choices=Unit.choices, required=False)
    ends_at = LocalMomentField(required=False, allow_null=True)
    zone = serializers.CharField(required=False, max_length=64, help_text="Europe/Berlin")
    weekdays = serializers.ListField(
        child=serializers.IntegerField(), required=False, max_length=7, help_text="1 is Monday."
    )
    holidays = serializers.ListField(child=DayField(), required=False, max_length=366)
    grace_minutes = CountField(required=False)
    comparable = OneOf(choices=Comparable.choices, required=False)
    label_delay_hours = CountField(required=False)
    requirements = serializers.ListField(child=RowField(_requirements), required=False, max_length=200)
    watch_metric = serializers.CharField(required=False, allow_blank=True, max_length=40)
    smallest_drop = NumberField(required=False)
    false_alarms = NumberField(required=False)
    live_windows = CountField(required=False, min_value=1)
    owners = serializers.ListField(child=PersonField(), required=False, max_length=50)
    retention_days = CountField(required=False, allow_null=True, min_value=1)


class MonitorSubmit(MonitorInput):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    models = serializers.ListField(child=WatchedInput(), max_length=20, help_text="Exactly one champion.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in ("name", "task", "reference", "starts_at"):
            fields[name].required = True
        return fields


def said_of(said: dict[str, Any]) -> dict[str, Any]:
    """Fields of `MonitorAbout` from those of a `MonitorInput`."""
    plain = {name: value for name, value in said.items() if name not in ("project", "models", "drift")}
    if "reference" in plain:
        plain["reference"] = source_of(plain["reference"])
    if "roles" in plain:
        plain["roles"] = roles_from_json(plain["roles"])
    if "drift" in said:
        plain["drift_spec"] = spec_of(said["drift"])
    return plain


def about_of(said: dict[str, Any]) -> MonitorAbout:
    return MonitorAbout(**{"weekdays": every_weekday(), **said_of(said)})


class MonitorFilter(ProjectFilter):
    active = serializers.BooleanField(required=False, allow_null=True, default=None)
    at_all = OneOf(choices=LightState.choices, required=False)
    well = OneOf(choices=LightState.choices, required=False)
    as_before = OneOf(choices=LightState.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (active := attrs.pop("active", None)) is not None:
            attrs["archived_at__isnull"] = active
        return attrs


class RowsField(JsonText, serializers.JSONField):
    """A list of flat objects; the service says which of them is odd."""

    default_error_messages = {
        "no_list": gettext_lazy("Give a list of objects, one for each row, with null where a number is none.")
    }

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, list):
            self.fail("no_list")
        return value


class ArrivalInput(serializers.Serializer[Any]):
    """A file or rows."""

    file = serializers.FileField(required=False, allow_empty_file=True, help_text="CSV, Parquet …")
    rows = RowsField(required=False, help_text="Or up to 10,000 rows: [{“id”: 1, …}, …]")
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"upload": attrs.pop("file", None), "rows": attrs.pop("rows", None), **attrs}


class BatchInput(ArrivalInput):
    start = LocalMomentField(help_text="Where the window of the batch begins.")
    end = LocalMomentField(required=False, help_text="Where it ends; without it, that of the rhythm.")
    replace = serializers.BooleanField(required=False, default=False, help_text="It corrects an earlier one.")


class LabelsInput(ArrivalInput):
    id_column = serializers.CharField(required=False, default="", allow_blank=True, max_length=600)
    label_column = serializers.CharField(required=False, default="", allow_blank=True, max_length=600)


class BatchFilter(Asked):
    monitor = RowField(_monitors, required=False)
    replaced = IsSetField(required=False, source="replaced_at__isnull")
    since = MomentField(required=False, source="start__gte")
    before = MomentField(required=False, source="start__lt")


class LabelFilter(Asked):
    monitor = RowField(_monitors, required=False)


class AlertFilter(ProjectFilter):
    monitor = RowField(_monitors, required=False)
    kind = OneOf(choices=Alert.Kind.choices, required=False)
    severity = OneOf(choices=Alert.Severity.choices, required=False)
    resolved = IsSetField(required=False, source="resolved_at__isnull")
    acknowledged = IsSetField(required=False, source="acknowledged_at__isnull")


class MetricAsked(Asked):
    metric = serializers.CharField(required=False, max_length=40, help_text="The watched one, if left out.")
    slice_column = serializers.CharField(required=False, default="", max_length=600, trim_whitespace=False)
    slice_value = serializers.CharField(required=False, default="", max_length=600, trim_whitespace=False)
    since = LocalMomentField(required=False)
    before = LocalMomentField(required=False)


class NoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2_000)


class SnoozeInput(NoteInput):
    until = MomentField()
