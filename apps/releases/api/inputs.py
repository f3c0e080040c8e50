"""What people and trainers send about model versions, and what they ask lists."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.evaluations.models import Model, ModelVersion
from apps.projects.access import visible
from apps.projects.api.rows import (
    Asked,
    MomentField,
    NumberField,
    OneOf,
    ProjectField,
    ProjectFilter,
    RowField,
)
from apps.releases.models import RetrainingRequest, Stage


def _models(user: User) -> Any:
    return visible(Model.objects.all(), user)


def _versions(user: User) -> Any:
    return visible(ModelVersion.objects.all(), user, "model__project")


class ModelVersionFilter(Asked):
    project = ProjectField(required=False, source="model__project", help_text="Short name of a project.")
    model = RowField(_models, required=False, help_text="Id of a model.")
    stage = OneOf(choices=Stage.choices, required=False)


class StageChangeFilter(ProjectFilter):
    version = RowField(_versions, required=False, help_text="Id of a model version.")
    stage = OneOf(choices=Stage.choices, required=False)


class RetrainingFilter(ProjectFilter):
    model = RowField(_models, required=False, help_text="Id of a model.")
    state = OneOf(choices=RetrainingRequest.State.choices, required=False)


class StageSetSerializer(serializers.Serializer[Any]):
    stage = OneOf(choices=Stage.choices)
    reason = serializers.CharField(max_length=1_000)
    at = MomentField(required=False, allow_null=True, help_text="Now when left out; never in the future.")


class RetrainingAskSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    model = RowField(_models, help_text="Id of the model.")
    reason = serializers.CharField(max_length=1_000)
    details = serializers.DictField(
        required=False, help_text="For the trainer: free JSON, at most 20 kB. Passed on as it is."
    )


class RetrainingAnswerSerializer(serializers.Serializer[Any]):
    state = OneOf(choices=[choice for choice in RetrainingRequest.State.choices if choice[0] != "asked"])
    version_label = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Of the new version; when it is done."
    )
    note = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    cost = NumberField(
        required=False, allow_null=True, min_value=0, help_text="In the currency of the project."
    )
    started_at = MomentField(required=False, allow_null=True, help_text="When the training began.")
    ended_at = MomentField(required=False, allow_null=True, help_text="Now when left out.")
