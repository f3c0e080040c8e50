"""Monitors, batches, labels and alerts over REST: what is answered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.translate import translate
from apps.jobs.api.serializers import JobSerializer
from apps.monitoring.models import Alert, AlertEvent, Batch, LabelUpload, LiveMetric, Monitor, WatchedModel
from apps.projects.api.rows import ProjectSlug, SentenceField


class WatchedModelSerializer(serializers.ModelSerializer[WatchedModel]):
    name = serializers.CharField(source="version.model.name", read_only=True, help_text="Of the model.")
    version_label = serializers.CharField(source="version.label", read_only=True)

    class Meta:
        model = WatchedModel
        fields = ["id", "version", "name", "version_label", "part", "roles", "since", "until"]
        read_only_fields = fields


class LightSerializer(serializers.Serializer[Any]):
    """``state``: ok (yes), warn (partly), bad (no) or none (not known)."""

    state = serializers.CharField()
    text = serializers.CharField()
    evidence = serializers.CharField()


class LightsSerializer(serializers.Serializer[Any]):
    at_all = LightSerializer()
    well = LightSerializer()
    as_before = LightSerializer()


def _light(standing: dict[str, Any], state: str, name: str) -> dict[str, str]:
    said = standing.get(name)
    if said is None:
        return {"state": state, "text": "", "evidence": ""}
    return {"state": said["state"], "text": translate(said["text"]), "evidence": said["evidence"]}


class MonitorSerializer(serializers.ModelSerializer[Monitor]):
    project = ProjectSlug()
    lights = serializers.SerializerMethodField()

    class Meta:
        model = Monitor
        fields = [
            *("id", "project", "number", "name", "description", "task", "positive", "threshold"),
            *("every", "unit", "starts_at", "ends_at", "zone", "weekdays", "holidays", "grace_minutes"),
            *("comparable", "label_delay_hours", "watch_metric", "smallest_drop", "false_alarms"),
            *("live_windows", "retention_days", "paused_at", "archived_at", "created_at"),
            *("lights", "judged_at", "due_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(LightsSerializer)
    def get_lights(self, monitor: Monitor) -> dict[str, Any]:
        return {
            name: _light(monitor.standing, getattr(monitor, name), name)
            for name in ("at_all", "well", "as_before")
        }


class MonitorDetailSerializer(MonitorSerializer):
    """``standing`` is what the lights rest on, ``pooled`` the newest labelled windows judged as one."""

    models = WatchedModelSerializer(many=True, read_only=True)
    owners = serializers.SlugRelatedField[Any](slug_field="email", many=True, read_only=True)
    standing = serializers.SerializerMethodField()

    class Meta(MonitorSerializer.Meta):
        fields = [
            *MonitorSerializer.Meta.fields,
            *("roles", "reference_file", "reference_version", "reference_selection", "drift_spec"),
            *("requirements", "owners", "models", "standing", "pooled"),
        ]
        read_only_fields = fields

    def get_standing(self, monitor: Monitor) -> dict[str, Any]:
        verdicts = [
            {**verdict, "reason": translate(verdict["reason"])}
            for verdict in monitor.standing.get("verdicts", ())
        ]
        rest = {name: value for name, value in monitor.standing.items() if name not in _TOLD_APART}
        return {**rest, "verdicts": verdicts}


_TOLD_APART = ("at_all", "well", "as_before", "verdicts")


class BatchSerializer(serializers.ModelSerializer[Batch]):
    state = serializers.CharField(source="job.state", read_only=True)

    class Meta:
        model = Batch
        fields = [
            *(
                "id",
                "monitor",
                "number",
                "start",
                "end",
                "arrived_at",
                "is_late",
                "replaced_at",
                "state",
                "job",
            ),
            *("rows", "labelled", "changed_labels", "drifted", "strongest", "broken", "warned"),
            *("latency_p95", "file", "sha256"),
        ]
        read_only_fields = fields


class LiveMetricSerializer(serializers.ModelSerializer[LiveMetric]):
    undefined = SentenceField()

    class Meta:
        model = LiveMetric
        fields = [
            *("batch", "watched", "start", "metric", "slice_column", "slice_value", "estimated"),
            *("value", "low", "high", "n", "undefined"),
        ]
        read_only_fields = fields


class BatchDetailSerializer(BatchSerializer):
    check_result = serializers.SerializerMethodField(help_text="Empty until it has been checked.")
    metrics = LiveMetricSerializer(many=True, read_only=True)
    notes = serializers.SerializerMethodField()

    class Meta(BatchSerializer.Meta):
        fields = [*BatchSerializer.Meta.fields, "check_result", "metrics", "notes"]
        read_only_fields = fields

    def get_check_result(self, batch: Batch) -> dict[str, Any] | None:
        if batch.check_result is None:
            return None
        findings = [
            {**finding, "title": translate(finding["title"]), "text": translate(finding["text"])}
            for finding in batch.check_result["findings"]
        ]
        notes = [translate(note) for note in batch.check_result.get("notes", ())]
        return {**batch.check_result, "findings": findings, "notes": notes}

    def get_notes(self, batch: Batch) -> list[str]:
        return [translate(note) for note in batch.notes]


class BatchAcceptedSerializer(serializers.Serializer[Any]):
    batch = BatchSerializer()
    job = JobSerializer()
    repeated = serializers.BooleanField(help_text="The portal had it already; nothing was started.")


class LabelUploadSerializer(serializers.ModelSerializer[LabelUpload]):
    state = serializers.CharField(source="job.state", read_only=True)

    class Meta:
        model = LabelUpload
        fields = [
            *("id", "monitor", "number", "arrived_at", "state", "job", "id_column", "label_column"),
            *("rows", "matched", "unknown_examples", "file", "sha256"),
        ]
        read_only_fields = fields


class LabelsAcceptedSerializer(serializers.Serializer[Any]):
    labels = LabelUploadSerializer()
    job = JobSerializer()


class AlertSerializer(serializers.ModelSerializer[Alert]):
    project = ProjectSlug()
    title = SentenceField()
    text = SentenceField()
    acknowledged_by = serializers.StringRelatedField[Any]()
    resolved_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Alert
        fields = [
            *("id", "project", "number", "monitor", "kind", "cause", "severity", "title", "text", "batch"),
            *("parent", "first_at", "last_at", "times", "opened_at", "acknowledged_at", "acknowledged_by"),
            *("snoozed_until", "resolved_at", "resolved_by"),
        ]
        read_only_fields = fields


class AlertEventSerializer(serializers.ModelSerializer[AlertEvent]):
    by = serializers.StringRelatedField[Any]()

    class Meta:
        model = AlertEvent
        fields = ["kind", "by", "note", "at"]
        read_only_fields = fields


class AlertDetailSerializer(AlertSerializer):
    events = AlertEventSerializer(many=True, read_only=True)

    class Meta(AlertSerializer.Meta):
        fields = [*AlertSerializer.Meta.fields, "events"]
        read_only_fields = fields
