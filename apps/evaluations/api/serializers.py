"""Runs over REST."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from apps.datasets.api.serializers import RolesField
from apps.evaluations.models import MetricValue, Run, task_choices
from apps.jobs.api.serializers import JobSerializer


class MetricValueSerializer(serializers.ModelSerializer[MetricValue]):
    class Meta:
        model = MetricValue
        fields = ["metric", "slice_column", "slice_value", "value", "low", "high", "n"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer[Run]):
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.CharField(source="job.state", read_only=True)
    model = serializers.CharField(source="model_version.model.name", default=None, read_only=True)
    model_version = serializers.CharField(source="model_version.label", default=None, read_only=True)
    created_by = serializers.StringRelatedField[Any]()
    metrics = serializers.SerializerMethodField(help_text="Metrics over all rows.")

    class Meta:
        model = Run
        fields = [
            "id",
            "project",
            "number",
            "name",
            "notes",
            "state",
            "job",
            "file",
            "truth",
            "task",
            "positive",
            "threshold",
            "rows",
            "model",
            "model_version",
            "code_revision",
            "evaluated_at",
            "created_at",
            "created_by",
            "evaluation_version",
            "metrics",
        ]
        read_only_fields = fields

    def get_metrics(self, run: Run) -> list[dict[str, Any]]:
        return [
            {"metric": v.metric, "value": v.value, "low": v.low, "high": v.high, "n": v.n}
            for v in run.values.all()
        ]


class RunDetailSerializer(RunSerializer):
    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "roles", "cross_slices", "seed", "join_report", "result"]
        read_only_fields = fields


class RunAcceptedSerializer(serializers.Serializer[Any]):
    run = RunSerializer()
    job = JobSerializer()


class CrossSlicesField(serializers.ListField):
    """``[["sex", "race"]]``; in a multipart request the same as JSON text."""

    child = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=4)

    def get_value(self, dictionary: Any) -> Any:
        value = dictionary.get(self.field_name, serializers.empty)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):  # the base class would read a file in this place
            self.fail("not_a_list", input_type=type(data).__name__)
        return super().to_internal_value(data)


class RunSubmitSerializer(serializers.Serializer[Any]):
    project = serializers.SlugField(help_text="Short name of the project.")
    file = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="The predictions: CSV, TSV, JSON Lines, Parquet, Arrow.",
    )
    file_id = serializers.UUIDField(required=False, help_text="Or a file that the portal already has.")
    truth = serializers.UUIDField(required=False, help_text="A truth file of the portal, joined by id.")
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False, default="")
    name = serializers.CharField(max_length=200, required=False, default="")
    notes = serializers.CharField(max_length=5_000, required=False, default="", allow_blank=True)
    model = serializers.CharField(max_length=120, required=False, default="")
    model_version = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    baseline = serializers.BooleanField(
        required=False, default=False, help_text="The model is a baseline without machine learning."
    )
    code_revision = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    task = serializers.ChoiceField(choices=task_choices(), required=False, default="", allow_blank=True)
    roles = RolesField(required=False, default=dict, help_text="Uses of columns; the rest is guessed.")
    positive = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    threshold = serializers.FloatField(required=False, default=None, min_value=0, max_value=1)
    cross_slices = CrossSlicesField(required=False, default=list)
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2_147_483_647)
    evaluated_at = serializers.DateTimeField(required=False, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("file_id" in attrs):
            raise serializers.ValidationError({"file": "Send either file or file_id."})
        return attrs


class RunEditSerializer(serializers.ModelSerializer[Run]):
    class Meta:
        model = Run
        fields = ["name", "notes"]
