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
            "parent",
            "parameters",
            "training",
            "training_hash",
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
        fields = [
            *RunSerializer.Meta.fields,
            "roles",
            "cross_slices",
            "seed",
            "join_report",
            "overlap",
            "result",
        ]
        read_only_fields = fields


class LooksBySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    baseline = serializers.BooleanField()
    looks = serializers.IntegerField()
    last = serializers.DateTimeField()


class LookSerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField(source="pk")
    number = serializers.IntegerField()
    created_by = serializers.StringRelatedField[Any]()
    created_at = serializers.DateTimeField()


class CorrectedSerializer(serializers.Serializer[Any]):
    metric = serializers.CharField(source="metric.key")
    value = serializers.FloatField(source="result.value")
    low = serializers.FloatField(source="result.low")
    high = serializers.FloatField(source="result.high")
    n = serializers.IntegerField(source="result.n")


class LooksSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(source="looks.count", help_text="Different predictions of models.")
    baselines = serializers.IntegerField(source="looks.baselines", help_text="Of baselines; not counted.")
    most = serializers.IntegerField(source="looks.most", help_text="Allowed before a warning.")
    worn_out = serializers.BooleanField(source="looks.worn_out")
    first = serializers.DateTimeField(source="looks.first", allow_null=True)
    last = serializers.DateTimeField(source="looks.last", allow_null=True)
    level = serializers.FloatField(source="looks.level", help_text="Confidence of one corrected interval.")
    models = LooksBySerializer(source="looks.models", many=True)
    people = LooksBySerializer(source="looks.people", many=True)
    newest = LookSerializer(source="looks.newest", many=True)
    corrected = CorrectedSerializer(many=True, help_text="Empty before the second look.")


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


class ParametersField(serializers.JSONField):
    """``{"depth": 6}``; in a multipart request the same as JSON text. The service says what it may hold."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            return super().to_internal_value(data)
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data


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
    parent = serializers.IntegerField(  # type: ignore[assignment]  # fields have a parent too
        required=False, min_value=1, help_text="Id of the run that this one was made from."
    )
    parent_number = serializers.IntegerField(
        required=False, min_value=1, help_text="Or its number in the project."
    )
    parameters = ParametersField(
        required=False, default=dict, help_text="Names with a text, a number or true or false each."
    )
    training = serializers.UUIDField(
        required=False, help_text="A file of the portal that the model was trained on."
    )
    training_hash = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        allow_blank=True,
        help_text="SHA-256 of training data that are kept elsewhere.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("file_id" in attrs):
            raise serializers.ValidationError({"file": "Send either file or file_id."})
        if "parent" in attrs and "parent_number" in attrs:
            raise serializers.ValidationError({"parent": "Send either parent or parent_number."})
        return attrs


class RunEditSerializer(serializers.ModelSerializer[Run]):
    class Meta:
        model = Run
        fields = ["name", "notes"]
