"""Phases, their contents, gates and decisions as the API shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.compute import fit
from apps.lifecycle.gates import CriterionResult
from apps.lifecycle.models import (
    Criterion,
    Decision,
    Deliverable,
    FitAnswer,
    Gate,
    GateAdvice,
    Hypothesis,
    Phase,
    ScopeChange,
)
from apps.projects.api.rows import OneOf, ProjectSlug, SentenceField


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    project = ProjectSlug()
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Phase
        fields = [
            "id",
            "project",
            "kind",
            "cycle",
            "goal",
            "started_on",
            "ends_on",
            "promised_on",
            "baseline_at",
            "closed_at",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class HypothesisSerializer(serializers.ModelSerializer[Hypothesis]):
    project = ProjectSlug()
    code = serializers.CharField(read_only=True)
    settled_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Hypothesis
        fields = [
            "id",
            "project",
            "phase",
            "number",
            "code",
            "text",
            "state",
            "finding",
            "run",
            "link",
            "added_on",
            "settled_on",
            "settled_by",
        ]
        read_only_fields = fields


class DeliverableSerializer(serializers.ModelSerializer[Deliverable]):
    project = ProjectSlug()
    code = serializers.CharField(read_only=True)

    class Meta:
        model = Deliverable
        fields = [
            "id",
            "project",
            "phase",
            "number",
            "code",
            "name",
            "size",
            "in_baseline",
            "added_on",
            "done_on",
            "removed_on",
        ]
        read_only_fields = fields


class ScopeChangeSerializer(serializers.ModelSerializer[ScopeChange]):
    project = ProjectSlug()
    change = serializers.IntegerField(help_text="Items of work, with sign.")
    changed_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = ScopeChange
        fields = [
            "id",
            "project",
            "phase",
            "deliverable",
            "kind",
            "change",
            "reason",
            "day",
            "changed_by",
            "created_at",
        ]
        read_only_fields = fields


class FitAnswerSerializer(serializers.ModelSerializer[FitAnswer]):
    project = ProjectSlug()
    owner = serializers.StringRelatedField[Any]()
    answered_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = FitAnswer
        fields = [
            "id",
            "project",
            "question",
            "state",
            "note",
            "link",
            "run",
            "file",
            "owner",
            "answered_by",
            "answered_at",
        ]
        read_only_fields = fields


class FitAdviceSerializer(serializers.Serializer[Any]):
    kind = OneOf(choices=[kind.value for kind in fit.Kind])
    reasons = serializers.ListField(child=SentenceField(), help_text="What it rests on, the deciding first.")


class FitQuestionSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(source="question.key")
    group = OneOf(source="question.group", choices=[group.value for group in fit.Group])
    label = SentenceField(source="question.label")  # type: ignore[assignment]
    why = SentenceField(source="question.why")
    state = OneOf(choices=FitAnswer.State.choices, allow_null=True, help_text="Null: not answered.")


class FitSerializer(serializers.Serializer[Any]):
    advice = FitAdviceSerializer()
    questions = FitQuestionSerializer(many=True)


class StoredCriterionSerializer(serializers.Serializer[Any]):
    """``key`` is that of a standard criterion, or “own-” and the id of one that the project added."""

    key = serializers.CharField()
    label = SentenceField()  # type: ignore[assignment]
    state = OneOf(choices=Criterion.State.choices)
    reason = SentenceField()
    link = serializers.CharField()


class CriterionResultSerializer(StoredCriterionSerializer):
    page = serializers.SerializerMethodField(help_text="Address of the page with the evidence.")

    def get_page(self, result: CriterionResult) -> str:
        return reverse(result.url_name, args=result.url_args)


class StoredAssessmentSerializer(serializers.Serializer[Any]):
    gate = OneOf(choices=Gate.choices)
    day = serializers.DateField()
    criteria = StoredCriterionSerializer(many=True)
    advice = OneOf(choices=GateAdvice.choices, help_text="People decide.")
    reasons = serializers.ListField(child=SentenceField(), help_text="What the advice rests on.")


class AssessmentSerializer(StoredAssessmentSerializer):
    criteria = CriterionResultSerializer(many=True)


class CriterionSerializer(serializers.ModelSerializer[Criterion]):
    project = ProjectSlug()
    judged_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Criterion
        fields = [
            "id",
            "project",
            "gate",
            "text",
            "state",
            "evidence",
            "link",
            "judged_by",
            "judged_at",
            "removed_at",
        ]
        read_only_fields = fields


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    project = ProjectSlug()
    decided_by = serializers.StringRelatedField[Any]()
    second_person = serializers.StringRelatedField[Any]()

    class Meta:
        model = Decision
        fields = [
            "id",
            "project",
            "phase",
            "number",
            "subject",
            "outcome",
            "state",
            "advice",
            "promised_on",
            "extend_to",
            "reason",
            "decided_by",
            "decided_at",
            "second_person",
            "second_at",
            "second_note",
        ]
        read_only_fields = fields


class DecisionDetailSerializer(DecisionSerializer):
    evidence = serializers.SerializerMethodField(help_text="What the criteria said when it was decided.")

    class Meta(DecisionSerializer.Meta):
        fields = [*DecisionSerializer.Meta.fields, "evidence"]
        read_only_fields = fields

    @extend_schema_field(StoredAssessmentSerializer(allow_null=True))
    def get_evidence(self, decision: Decision) -> dict[str, Any] | None:
        return StoredAssessmentSerializer(decision.evidence).data if decision.evidence else None


class BurnDownSerializer(serializers.Serializer[Any]):
    days = serializers.ListField(child=serializers.IntegerField(), help_text="Days of the timebox, from 0.")
    open = serializers.ListField(child=serializers.IntegerField(), help_text="Open hypotheses from then on.")
    total = serializers.IntegerField()
    settled = serializers.IntegerField()
    length = serializers.IntegerField(help_text="Days of the timebox, with its extension.")


class BurnUpSerializer(serializers.Serializer[Any]):
    days = serializers.ListField(child=serializers.DateField())
    scope = serializers.ListField(child=serializers.IntegerField(), help_text="Items of work in the scope.")
    done = serializers.ListField(child=serializers.IntegerField(), help_text="Items of work done.")
    remaining = serializers.IntegerField()
    promised_on = serializers.DateField(allow_null=True)
    p50_on = serializers.DateField(allow_null=True, help_text="Done by then in half of the futures.")
    p80_on = serializers.DateField(allow_null=True, help_text="Done by then in four of five futures.")


class PhaseProgressSerializer(serializers.Serializer[Any]):
    burn_down = BurnDownSerializer(allow_null=True)
    burn_up = BurnUpSerializer(allow_null=True)
