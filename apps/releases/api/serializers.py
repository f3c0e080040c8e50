"""Model versions, their stages and retraining requests over REST: what is answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.evaluations.models import ModelVersion
from apps.projects.api.rows import ProjectSlug, SentenceField
from apps.releases.models import RetrainingRequest, Stage, StageChange


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    project = serializers.CharField(source="model.project.slug", read_only=True)
    model_name = serializers.CharField(source="model.name", read_only=True)
    kind = serializers.CharField(source="model.kind", read_only=True)
    stage = serializers.ChoiceField(choices=Stage.choices, read_only=True)
    since = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Null: a candidate from its beginning."
    )

    class Meta:
        model = ModelVersion
        fields = ["id", "project", "model", "model_name", "kind", "label", "stage", "since", "created_at"]
        read_only_fields = fields


class StageChangeSerializer(serializers.ModelSerializer[StageChange]):
    project = ProjectSlug()
    by = serializers.StringRelatedField[Any]()

    class Meta:
        model = StageChange
        fields = ["id", "project", "version", "stage", "reason", "at", "by"]
        read_only_fields = fields


class StageChangeDetailSerializer(StageChangeSerializer):
    advice = serializers.JSONField(
        read_only=True, allow_null=True, help_text="What the gate said when approval demanded one."
    )

    class Meta(StageChangeSerializer.Meta):
        fields = [*StageChangeSerializer.Meta.fields, "advice"]
        read_only_fields = fields


class RetrainingRequestSerializer(serializers.ModelSerializer[RetrainingRequest]):
    project = ProjectSlug()
    model_name = serializers.CharField(source="model.name", read_only=True)
    version_label = serializers.CharField(source="version.label", read_only=True, allow_null=True)
    delivery_state = serializers.CharField(
        source="delivery.state", read_only=True, allow_null=True, help_text="Of the webhook to the trainer."
    )
    asked_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = RetrainingRequest
        fields = [
            "id",
            "project",
            "number",
            "model",
            "model_name",
            "reason",
            "details",
            "state",
            "delivery_state",
            "version",
            "version_label",
            "answer",
            "cost",
            "asked_by",
            "asked_at",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields


class RetrainingTimesSerializer(serializers.Serializer[Any]):
    ended = serializers.IntegerField(help_text="Requests that were done or failed.")
    done = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Of those that ended, done.")
    share_low = serializers.FloatField(allow_null=True, help_text="95% interval, Wilson.")
    share_high = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True, help_text="Seconds.")
    p90 = serializers.FloatField(allow_null=True, help_text="Seconds; null below three trainings.")
    per_week = serializers.FloatField(allow_null=True, help_text="What p90 allows, one by one.")
    costs = serializers.IntegerField(help_text="Requests whose cost was told.")
    cost = serializers.FloatField(allow_null=True, help_text="Mean, in the currency of the project.")
    message = SentenceField()
