"""What people send about stakeholders, requirements, evidence, money and conflicts, and ask of lists."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from apps.accounts.models import User
from apps.datasets.models import DataFile, Dataset
from apps.projects.api.rows import (
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
    UuidRowField,
)
from apps.requirements.models import (
    Conflict,
    Evidence,
    Requirement,
    RequirementVersion,
    Stakeholder,
    Stance,
    VerdictState,
)

_Version = RequirementVersion


def _stakeholders(user: User) -> Any:
    return Stakeholder.objects.visible_to(user)


def _requirements(user: User) -> Any:
    return Requirement.objects.visible_to(user)


def _datasets(user: User) -> Any:
    return Dataset.objects.visible_to(user)


def _files(user: User) -> Any:
    return DataFile.objects.visible_to(user).defer("profile")


# Lists


class RequirementFilter(ProjectFilter):
    state = OneOf(choices=VerdictState.choices, required=False, help_text="The verdict in force.")
    priority = OneOf(choices=_Version.Priority.choices, required=False, source="current__priority")
    kind = OneOf(choices=_Version.Kind.choices, required=False, source="current__kind")
    metric = serializers.CharField(max_length=40, required=False, source="current__metric")
    stakeholder = RowField(
        _stakeholders,
        required=False,
        source="stances__stakeholder",
        help_text="Id of a stakeholder with a stance to it.",
    )
    withdrawn = IsSetField(required=False, source="withdrawn_at__isnull")


class ConflictFilter(ProjectFilter):
    kind = OneOf(choices=Conflict.Kind.choices, required=False)
    decided = IsSetField(required=False, source="decided_at__isnull")
    gone = IsSetField(required=False, source="gone_at__isnull", help_text="Its cause is no more.")


# Stakeholders


class StakeholderFieldsSerializer(serializers.ModelSerializer[Stakeholder]):
    influence = OneOf(choices=Stakeholder.Influence.choices, default=Stakeholder.Influence.MEDIUM)
    direction = OneOf(choices=Stakeholder.Direction.choices, allow_blank=True, default="")

    class Meta:
        model = Stakeholder
        validators: ClassVar[list[Any]] = []  # the service says which name is taken
        fields = ["name", "goal", "objective", "baseline", "measure", "direction", "influence"]
        extra_kwargs = {"name": {"help_text": "A role, such as “Fraud Operations”."}}


class StakeholderAddSerializer(StakeholderFieldsSerializer):
    project = ProjectField(parent=True, help_text="Short name of the project.")

    class Meta(StakeholderFieldsSerializer.Meta):
        fields = ["project", *StakeholderFieldsSerializer.Meta.fields]


# Requirements


class ScenarioSerializer(serializers.Serializer[Any]):
    """A quality scenario. The sentence writes itself from it."""

    source = serializers.CharField(max_length=300, required=False, allow_blank=True)  # type: ignore[assignment]
    stimulus = serializers.CharField(max_length=300, required=False, allow_blank=True)
    environment = serializers.CharField(max_length=300, required=False, allow_blank=True)
    response = serializers.CharField(max_length=300, required=False, allow_blank=True)
    measure = serializers.CharField(max_length=300, required=False, allow_blank=True)


class TargetSerializer(serializers.Serializer[Any]):
    """What a requirement says. Left out on a change: as it was."""

    statement = serializers.CharField(max_length=1_000)
    kind = OneOf(choices=_Version.Kind.choices)
    priority = OneOf(choices=_Version.Priority.choices)
    verification = serializers.CharField(max_length=2_000, help_text="How it will be verified.")
    scenario = ScenarioSerializer(required=False)
    metric = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="Key of a metric, or value_per_year."
    )
    comparison = OneOf(choices=_Version.Comparison.choices, required=False, allow_blank=True)
    limit = NumberField(
        required=False, allow_null=True, help_text="In the unit of the metric; shares are 0 to 1."
    )
    dataset = RowField(
        _datasets, required=False, allow_null=True, help_text="Id of a data set: its newest version counts."
    )
    file = UuidRowField(
        _files, required=False, allow_null=True, help_text="Id of a file: exactly this truth counts."
    )
    slice_column = serializers.CharField(max_length=600, required=False, allow_blank=True)
    slice_value = serializers.CharField(max_length=600, required=False, allow_blank=True)
    every_slice = serializers.BooleanField(required=False, help_text="Every slice of the column.")
    confidence = NumberField(required=False, min_value=0.5, max_value=0.9999)
    max_age_days = CountField(
        min_value=1,
        max_value=3_650,
        required=False,
        allow_null=True,
        help_text="Greatest age of the evidence.",
    )
    batch_size = CountField(min_value=1, required=False, allow_null=True, help_text="Rows in one call.")
    concurrency = CountField(
        min_value=1, required=False, allow_null=True, help_text="Calls at the same time."
    )
    call_ms = NumberField(
        min_value=0, required=False, allow_null=True, help_text="Duration of one call in milliseconds."
    )


class RequirementAddSerializer(TargetSerializer):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    asked_by = serializers.ListField(
        child=RowField(_stakeholders),
        required=False,
        default=list,
        max_length=50,
        help_text="Ids of stakeholders.",
    )
    asked_on = DayField(required=False, default=None, allow_null=True)


class RequirementChangeSerializer(TargetSerializer):
    reason = serializers.CharField(max_length=1_000)
    based_on = CountField(
        min_value=1,
        required=False,
        help_text="Number of the version that the change was made from; with a newer one there: 409.",
    )


class WithdrawSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1_000)


class StanceSerializer(serializers.Serializer[Any]):
    stakeholder = RowField(_stakeholders, help_text="Id of a stakeholder.")
    kind = OneOf(choices=Stance.Kind.choices, allow_blank=True, help_text="Empty: no stance.")


class EvidenceRecordSerializer(serializers.Serializer[Any]):
    """Of a document ``supports``; of a judgement ``positive`` and ``total``; of a drill ``values``."""

    kind = OneOf(choices=Evidence.Kind.choices)
    title = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    link = serializers.URLField(max_length=500, required=False, allow_blank=True)
    supports = serializers.BooleanField(required=False, allow_null=True)
    positive = CountField(required=False, allow_null=True)
    total = CountField(required=False, allow_null=True)
    values = serializers.ListField(child=NumberField(), required=False, max_length=10_000)
    unit = serializers.CharField(max_length=20, required=False, allow_blank=True)
    limit = NumberField(required=False, allow_null=True)
    comparison = OneOf(choices=_Version.Comparison.choices, required=False, allow_blank=True)
    observed_at = MomentField(required=False, allow_null=True, help_text="Now when left out.")


class WaiverGrantSerializer(serializers.Serializer[Any]):
    owner = PersonField(required=False, help_text="E-mail address of who answers; you when left out.")
    reason = serializers.CharField(max_length=2_000)
    expires_on = DayField()


# Money


class ValueCaseSetSerializer(serializers.Serializer[Any]):
    """Money in whole units of the currency; costs are positive numbers."""

    project = ProjectField(parent=True, help_text="Short name of the project.")
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", help_text="Three capital letters, such as EUR.")
    volume_per_year = NumberField(min_value=0, help_text="Decisions in a year.")
    hoped_per_year = NumberField(required=False, allow_null=True)
    hit = NumberField(required=False, help_text="Value of a hit, a right or an exact answer.")
    miss = NumberField(required=False, help_text="Cost of a miss or a wrong answer.")
    false_alarm = NumberField(required=False, help_text="Cost of a false alarm.")
    review = NumberField(required=False, help_text="Cost of looking at one alarm, right or false.")
    error_unit = NumberField(required=False, help_text="Cost of one unit of absolute error.")
    amount_column = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Column with the amount of each row."
    )
    hit_of_amount = NumberField(required=False, help_text="Value of a hit in amounts of the row: 1 is all.")
    miss_of_amount = NumberField(required=False, help_text="Cost of a miss in amounts of the row.")
    false_alarm_of_amount = NumberField(
        required=False, help_text="Cost of a false alarm in amounts of the row."
    )
    running_cost = NumberField(required=False, help_text="Per year.")
    training_cost = NumberField(required=False, help_text="Cost of one training.")
    trainings_per_year = NumberField(required=False)
    present_process = NumberField(
        required=False, allow_null=True, help_text="What is earned per year today, without the model."
    )
    spent = NumberField(required=False, help_text="Spent so far.")
    delay_per_week = NumberField(required=False, allow_null=True, help_text="Cost of a week of delay.")
    reason = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


class ApproveSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


# Conflicts


class ConflictDecideSerializer(serializers.Serializer[Any]):
    chosen = serializers.CharField(max_length=20, help_text="Key of one of the conflict's options.")
    decision = serializers.CharField(max_length=2_000, help_text="What was decided, and why.")
