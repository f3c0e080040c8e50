"""Drift reports over REST: what is answered."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from apps.common.translate import translate
from apps.drift.models import ColumnDrift, DriftReport, EvidentlyReport, Reference
from apps.jobs.api.serializers import JobSerializer
from apps.projects.api.rows import ProjectSlug, SentenceField


class SideShownSerializer(serializers.Serializer[Any]):
    """One side: a file, the version of a data set that it is, and the rows of it."""

    file = serializers.UUIDField()
    file_name = serializers.CharField()
    dataset = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    selection = serializers.JSONField()


def _side(row: Any, name: str) -> dict[str, Any]:
    """``name`` is what the fields of the side begin with."""
    file, version = getattr(row, f"{name}file"), getattr(row, f"{name}version")
    return {
        "file": file.pk,
        "file_name": file.name,
        "dataset": version.dataset_id if version else None,
        "version": version.number if version else None,
        "selection": getattr(row, f"{name}selection"),
    }


class DriftReportSerializer(serializers.ModelSerializer[DriftReport]):
    project = ProjectSlug()
    state = serializers.CharField(source="job.state", read_only=True)
    created_by = serializers.StringRelatedField[Any]()
    current = serializers.SerializerMethodField()
    reference = serializers.SerializerMethodField()

    class Meta:
        model = DriftReport
        fields = [
            "id",
            "project",
            "number",
            "name",
            "state",
            "job",
            "current",
            "reference",
            "series",
            "created_by",
            "created_at",
            "reference_rows",
            "current_rows",
            "compared",
            "flagged",
            "drifted",
            "is_drift",
            "strongest",
            "table_auc",
            "findings_bad",
            "findings_warn",
            "findings_ok",
            "observed_from",
            "observed_to",
            "since",
        ]
        read_only_fields = fields

    def get_current(self, report: DriftReport) -> dict[str, Any]:
        return _side(report, "current_")

    def get_reference(self, report: DriftReport) -> dict[str, Any]:
        return _side(report, "reference_")


class DriftReportDetailSerializer(DriftReportSerializer):
    result = serializers.SerializerMethodField(help_text="All but the columns; empty until it has succeeded.")

    class Meta(DriftReportSerializer.Meta):
        fields = [*DriftReportSerializer.Meta.fields, "spec", "special_values", "result"]
        read_only_fields = fields

    def get_result(self, report: DriftReport) -> dict[str, Any] | None:
        if report.result is None:
            return None
        findings = [
            {**finding, "title": translate(finding["title"]), "text": translate(finding["text"])}
            for finding in report.result["findings"]
        ]
        notes = [translate(note) for note in report.result["notes"]]
        return {**report.result, "findings": findings, "notes": notes}


class DriftReportAcceptedSerializer(serializers.Serializer[Any]):
    report = DriftReportSerializer()
    job = JobSerializer()


_SHOWN = frozenset(
    {"name", "kind", "role", "verdict", "method", "flagged", "value", "strength", "since", "reason", "notes"}
    | {"limit", "low", "high", "effect", "p_value", "adjusted", "null_high"}
)


class ColumnDriftSerializer(serializers.ModelSerializer[ColumnDrift]):
    """``details`` has both sides' figures, the picture, and values that only one side has."""

    limit = serializers.FloatField(source="data.limit", default=None, read_only=True)
    low = serializers.FloatField(source="data.low", default=None, read_only=True)
    high = serializers.FloatField(source="data.high", default=None, read_only=True)
    effect = serializers.FloatField(source="data.effect", default=None, read_only=True)
    p_value = serializers.FloatField(source="data.p_value", default=None, read_only=True)
    adjusted = serializers.FloatField(source="data.adjusted", default=None, read_only=True)
    null_high = serializers.FloatField(source="data.null_high", default=None, read_only=True)
    reason = SentenceField(source="data.reason", default=None)
    notes = serializers.SerializerMethodField()
    details = serializers.SerializerMethodField()

    class Meta:
        model = ColumnDrift
        fields = [
            "place",
            "name",
            "kind",
            "role",
            "verdict",
            "method",
            "value",
            "limit",
            "flagged",
            "strength",
            "low",
            "high",
            "effect",
            "p_value",
            "adjusted",
            "null_high",
            "since",
            "reason",
            "notes",
            "details",
        ]
        read_only_fields = fields

    def get_notes(self, column: ColumnDrift) -> list[str]:
        return [translate(note) for note in column.data.get("notes", ())]

    def get_details(self, column: ColumnDrift) -> dict[str, Any]:
        return {name: part for name, part in column.data.items() if name not in _SHOWN}


class EvidentlySerializer(serializers.ModelSerializer[EvidentlyReport]):
    job = JobSerializer()
    page = serializers.SerializerMethodField(help_text="Where the HTML is, once it has been made.")

    class Meta:
        model = EvidentlyReport
        fields = ["report", "job", "page", "size", "rows", "columns", "created_at"]
        read_only_fields = fields

    def get_page(self, made: EvidentlyReport) -> str | None:
        return reverse("api:drift-report-evidently-page", args=[made.report_id]) if made.sha256 else None


class DriftReferenceSerializer(serializers.ModelSerializer[Reference]):
    project = ProjectSlug()
    set_by = serializers.StringRelatedField[Any]()
    side = serializers.SerializerMethodField(help_text="What reports compare with.")

    class Meta:
        model = Reference
        fields = ["id", "project", "side", "reason", "set_by", "set_at"]
        read_only_fields = fields

    def get_side(self, row: Reference) -> dict[str, Any]:
        return _side(row, "")


class MethodSerializer(serializers.Serializer[Any]):
    """A way to compare a column. ``limit`` is the default one."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    is_p_value = serializers.BooleanField()
    limit = serializers.FloatField()
    kinds = serializers.ListField(child=serializers.CharField())
