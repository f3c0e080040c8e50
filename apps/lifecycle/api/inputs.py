"""What people send about phases, their contents, gates and decisions, and what they ask lists."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.lifecycle.models import (
    Criterion,
    Decision,
    Deliverable,
    FitAnswer,
    Gate,
    Hypothesis,
    Phase,
    ScopeChange,
)
from apps.projects.api.rows import (
    CountField,
    DayField,
    IsSetField,
    OneOf,
    PersonField,
    ProjectAsked,
    ProjectField,
    ProjectFilter,
    RowField,
    UuidRowField,
)


def _phases(user: User) -> Any:
    return Phase.objects.visible_to(user).select_related("project")


def _runs(user: User) -> Any:
    return Run.objects.visible_to(user).defer("result", "join_report")


def _files(user: User) -> Any:
    return DataFile.objects.visible_to(user).defer("profile")


def _deliverables(user: User) -> Any:
    return Deliverable.objects.visible_to(user)


# Lists


class PhaseFilter(ProjectFilter):
    kind = OneOf(choices=Phase.Kind.choices, required=False)
    cycle = CountField(required=False)
    closed = IsSetField(required=False, source="closed_at__isnull")


class HypothesisFilter(ProjectFilter):
    phase = RowField(_phases, required=False)
    state = OneOf(choices=Hypothesis.State.choices, required=False)


class DeliverableFilter(ProjectFilter):
    phase = RowField(_phases, required=False)
    done = IsSetField(required=False, source="done_on__isnull")
    removed = IsSetField(required=False, source="removed_on__isnull")
    in_baseline = serializers.BooleanField(required=False, help_text="Agreed at the start.")


class ScopeChangeFilter(ProjectFilter):
    phase = RowField(_phases, required=False)
    deliverable = RowField(_deliverables, required=False)
    kind = OneOf(choices=ScopeChange.Kind.choices, required=False)


class FitAnswerFilter(ProjectFilter):
    state = OneOf(choices=FitAnswer.State.choices, required=False)


class CriterionFilter(ProjectFilter):
    gate = OneOf(choices=Gate.choices, required=False)
    state = OneOf(choices=Criterion.State.choices, required=False)
    removed = IsSetField(required=False, source="removed_at__isnull")


class DecisionFilter(ProjectFilter):
    phase = RowField(_phases, required=False)
    subject = OneOf(choices=Decision.Subject.choices, required=False)
    outcome = OneOf(choices=Decision.Outcome.choices, required=False)
    state = OneOf(choices=Decision.State.choices, required=False)


class GateAsked(ProjectAsked):
    gate = OneOf(choices=Gate.choices)


# Phases


class DiscoveryStartSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    started_on = DayField()
    ends_on = DayField(help_text="End of the timebox.")
    goal = serializers.CharField(max_length=2_000, required=False, allow_blank=True)


class TimeboxSerializer(serializers.Serializer[Any]):
    started_on = DayField()
    ends_on = DayField()


class ScopeAgreeSerializer(serializers.Serializer[Any]):
    promised_on = DayField(help_text="The day that the delivery is promised for.")


# Hypotheses


class HypothesisAddSerializer(serializers.Serializer[Any]):
    phase = RowField(_phases, parent=True, help_text="Id of a discovery.")
    text = serializers.CharField(max_length=1_000)
    added_on = DayField(required=False, allow_null=True, help_text="Today when left out.")


class HypothesisSettleSerializer(serializers.Serializer[Any]):
    state = OneOf(choices=[c for c in Hypothesis.State.choices if c[0] != Hypothesis.State.OPEN])
    finding = serializers.CharField(max_length=2_000, help_text="What was found.")
    run = RowField(_runs, required=False, allow_null=True, help_text="Id of the run that shows it.")
    link = serializers.URLField(max_length=500, required=False, allow_blank=True)
    settled_on = DayField(required=False, allow_null=True, help_text="Today when left out.")


# Deliverables


class DeliverableAddSerializer(serializers.Serializer[Any]):
    phase = RowField(_phases, parent=True, help_text="Id of a delivery.")
    name = serializers.CharField(max_length=200)
    size = CountField(min_value=1, required=False, help_text="Items of work.")
    reason = serializers.CharField(
        max_length=1_000,
        required=False,
        allow_blank=True,
        help_text="Needed once the scope is agreed; not before.",
    )
    added_on = DayField(required=False, allow_null=True, help_text="Today when left out.")


class DeliverableRemoveSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1_000)
    day = DayField(required=False, allow_null=True, help_text="Today when left out.")


class DeliverableResizeSerializer(DeliverableRemoveSerializer):
    size = CountField(min_value=1)


class DeliverableFinishSerializer(serializers.Serializer[Any]):
    done_on = DayField(required=False, allow_null=True, help_text="Today when left out.")


# Fit


class FitAnswerGiveSerializer(serializers.Serializer[Any]):
    """Replaces the answer that the question has."""

    project = ProjectField(parent=True, help_text="Short name of the project.")
    question = serializers.CharField(max_length=20, help_text="Key of a question of the assessment.")
    state = OneOf(choices=FitAnswer.State.choices)
    note = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    link = serializers.URLField(max_length=500, required=False, allow_blank=True)
    run = RowField(_runs, required=False, allow_null=True, help_text="Id of a run.")
    file = UuidRowField(_files, required=False, allow_null=True, help_text="Id of a file.")
    owner = PersonField(required=False, allow_null=True, help_text="E-mail address of who answers for it.")


# Gates


class CriterionAddSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    gate = OneOf(choices=Gate.choices)
    text = serializers.CharField(max_length=300)


class CriterionJudgeSerializer(serializers.Serializer[Any]):
    state = OneOf(choices=Criterion.State.choices)
    evidence = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    link = serializers.URLField(max_length=500, required=False, allow_blank=True)


class DecideSerializer(serializers.Serializer[Any]):
    phase = RowField(_phases, parent=True, help_text="Id of the phase that the decision ends or extends.")
    subject = OneOf(choices=Decision.Subject.choices)
    outcome = OneOf(choices=Decision.Outcome.choices)
    reason = serializers.CharField(
        max_length=2_000,
        required=False,
        allow_blank=True,
        help_text="Needed against the computed advice and for an extension.",
    )
    promised_on = DayField(required=False, allow_null=True, help_text="For a go into delivery.")
    extend_to = DayField(required=False, allow_null=True, help_text="The new end, for an extension.")


class RetireSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    reason = serializers.CharField(max_length=2_000)


class SecondPersonSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True)
