"""Stakeholders, requirements, verdicts and conflicts as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.translate import translate
from apps.projects.api.rows import NumberField, OneOf, ProjectSlug, SentenceField
from apps.requirements.models import (
    Conflict,
    Evidence,
    Requirement,
    RequirementVersion,
    Stakeholder,
    Stance,
    Verdict,
    VerdictState,
    Waiver,
)
from apps.requirements.options import options_of
from apps.requirements.reading import Matrix
from apps.requirements.services import scenario_sentence
from apps.requirements.wording import unit_of

_SIDES = ["first", "second"]


class StakeholderSerializer(serializers.ModelSerializer[Stakeholder]):
    project = ProjectSlug()

    class Meta:
        model = Stakeholder
        fields = [
            "id",
            "project",
            "name",
            "goal",
            "objective",
            "baseline",
            "measure",
            "direction",
            "influence",
            "created_at",
        ]
        read_only_fields = fields


class RequirementVersionSerializer(serializers.ModelSerializer[RequirementVersion]):
    unit = serializers.SerializerMethodField(help_text="Unit of the limit; empty without a metric.")
    scenario = serializers.DictField(child=serializers.CharField(), read_only=True)
    scenario_sentence = serializers.SerializerMethodField()
    author = serializers.StringRelatedField[Any]()

    class Meta:
        model = RequirementVersion
        fields = [
            "number",
            "statement",
            "kind",
            "priority",
            "verification",
            "scenario",
            "scenario_sentence",
            "metric",
            "comparison",
            "limit",
            "unit",
            "dataset",
            "file",
            "slice_column",
            "slice_value",
            "every_slice",
            "confidence",
            "max_age_days",
            "batch_size",
            "concurrency",
            "call_ms",
            "reason",
            "author",
            "created_at",
        ]
        read_only_fields = fields

    def get_unit(self, version: RequirementVersion) -> str:
        return unit_of(version.metric)

    def get_scenario_sentence(self, version: RequirementVersion) -> str:
        return translate(scenario_sentence(version.scenario))


class SentenceSerializer(serializers.Serializer[Any]):
    """A sentence in the language of the request; template and params say the same in every language."""

    sentence = SentenceField(source="*")
    template = serializers.CharField(source="text", help_text="The English sentence with its places.")
    params = serializers.DictField(help_text="What goes there; numbers with a unit are objects.")


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    version = serializers.IntegerField(source="version.number", help_text="The version that was judged.")
    reasons = SentenceSerializer(many=True)
    run_number = serializers.IntegerField(source="run.number", default=None, allow_null=True)

    class Meta:
        model = Verdict
        fields = [
            "id",
            "requirement",
            "version",
            "state",
            "reasons",
            "run",
            "run_number",
            "evidence",
            "file",
            "slice_value",
            "value",
            "low",
            "high",
            "n",
            "level",
            "family",
            "rows_to_settle",
            "observed_at",
            "stale_at",
            "since",
            "until",
        ]
        read_only_fields = fields


@extend_schema_field(VerdictSerializer(allow_null=True))
class VerdictInForceField(serializers.Field[Any, Any, Any, Any]):
    """Reads the verdicts that the viewset prefetched: the one in force."""

    def to_representation(self, value: Any) -> Any:
        verdict = next(iter(value.all()), None)
        return None if verdict is None else VerdictSerializer(verdict).data


class StanceShownSerializer(serializers.ModelSerializer[Stance]):
    name = serializers.CharField(source="stakeholder.name")

    class Meta:
        model = Stance
        fields = ["stakeholder", "name", "kind"]
        read_only_fields = fields


class RequirementSerializer(serializers.ModelSerializer[Requirement]):
    project = ProjectSlug()
    code = serializers.CharField(read_only=True)
    current = RequirementVersionSerializer(read_only=True)
    verdict = VerdictInForceField(source="verdicts", read_only=True)
    stances = StanceShownSerializer(many=True, read_only=True)

    class Meta:
        model = Requirement
        fields = [
            "id",
            "project",
            "number",
            "code",
            "state",
            "asked_on",
            "withdrawn_at",
            "created_at",
            "current",
            "verdict",
            "stances",
        ]
        read_only_fields = fields


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    version = serializers.IntegerField(source="version.number")
    recorded_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Evidence
        fields = [
            "id",
            "requirement",
            "version",
            "kind",
            "title",
            "note",
            "link",
            "supports",
            "positive",
            "total",
            "values",
            "unit",
            "limit",
            "comparison",
            "observed_at",
            "recorded_by",
            "created_at",
        ]
        read_only_fields = fields


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    owner = serializers.StringRelatedField[Any]()
    granted_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Waiver
        fields = [
            "id",
            "requirement",
            "owner",
            "reason",
            "expires_on",
            "granted_by",
            "granted_at",
            "revoked_at",
        ]
        read_only_fields = fields


class ConflictSerializer(serializers.ModelSerializer[Conflict]):
    project = ProjectSlug()
    first_code = serializers.CharField(source="first.code", read_only=True)
    second_code = serializers.CharField(source="second.code", read_only=True)
    reason = SentenceField()
    decided_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Conflict
        fields = [
            "id",
            "project",
            "kind",
            "first",
            "first_code",
            "second",
            "second_code",
            "reason",
            "found_at",
            "gone_at",
            "chosen",
            "decision",
            "decided_by",
            "decided_at",
        ]
        read_only_fields = fields


class OptionSerializer(serializers.Serializer[Any]):
    """A way out. ``first`` and ``second`` are what both metrics reach there; ``value`` is money per year."""

    key = serializers.CharField(help_text="Send it as chosen.")
    title = SentenceField()
    text = SentenceField()
    relaxes = OneOf(choices=_SIDES, allow_null=True, help_text="Whose limit it moves.")
    limit = NumberField(allow_null=True, help_text="The new limit.")
    run = serializers.IntegerField(allow_null=True, help_text="Id of the run.")
    run_number = serializers.IntegerField(allow_null=True)
    threshold = NumberField(allow_null=True)
    first = NumberField(allow_null=True)
    second = NumberField(allow_null=True)
    value = NumberField(allow_null=True)
    currency = serializers.CharField()


class FrontPointSerializer(serializers.Serializer[Any]):
    """A point that no other beats in both metrics."""

    run = serializers.IntegerField(help_text="Id of the run.")
    number = serializers.IntegerField(help_text="Number of the run.")
    threshold = NumberField(allow_null=True)
    first = NumberField()
    second = NumberField()
    value = NumberField(allow_null=True, help_text="Money per year.")
    loses = serializers.ListField(child=OneOf(choices=_SIDES), help_text="Which requirements fail there.")


class CurveSerializer(serializers.Serializer[Any]):
    """One run from threshold to threshold; ``working`` is the point at which it was evaluated."""

    run = serializers.IntegerField(help_text="Id of the run.")
    number = serializers.IntegerField(help_text="Number of the run.")
    name = serializers.CharField()
    threshold = serializers.ListField(child=NumberField(allow_null=True))
    first = serializers.ListField(child=NumberField(allow_null=True))
    second = serializers.ListField(child=NumberField(allow_null=True))
    working = serializers.ListField(child=NumberField(allow_null=True), allow_null=True)


class WaysSerializer(serializers.Serializer[Any]):
    """By point estimates. On paper there are options alone."""

    options = OptionSerializer(many=True)
    front = FrontPointSerializer(many=True)
    curves = CurveSerializer(many=True)


class ConflictDetailSerializer(ConflictSerializer):
    option = OptionSerializer(allow_null=True, help_text="The chosen option with its numbers, then.")
    ways = serializers.SerializerMethodField(help_text="Null once the conflict is decided or gone.")

    class Meta(ConflictSerializer.Meta):
        fields = [*ConflictSerializer.Meta.fields, "option", "ways"]
        read_only_fields = fields

    @extend_schema_field(WaysSerializer(allow_null=True))
    def get_ways(self, conflict: Conflict) -> dict[str, Any] | None:
        if conflict.decided_at is not None or conflict.gone_at is not None:
            return None
        return WaysSerializer(options_of(conflict)).data


class MatrixRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    influence = serializers.IntegerField()


class MatrixColumnSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    statement = serializers.CharField(source="current.statement")
    state = OneOf(choices=VerdictState.choices)


class MatrixCellSerializer(serializers.Serializer[Any]):
    stakeholder = serializers.IntegerField()
    requirement = serializers.IntegerField()
    kind = OneOf(choices=Stance.Kind.choices)


class MatrixSerializer(serializers.Serializer[Any]):
    """Who asked for, supports or opposes what; only cells with a stance."""

    stakeholders = MatrixRowSerializer(many=True)
    requirements = MatrixColumnSerializer(many=True)
    cells = serializers.SerializerMethodField()

    @extend_schema_field(MatrixCellSerializer(many=True))
    def get_cells(self, matrix: Matrix) -> list[dict[str, Any]]:
        cells = [
            {"stakeholder": stakeholder, "requirement": requirement, "kind": kind}
            for (stakeholder, requirement), kind in sorted(matrix.cells.items())
        ]
        return [dict(cell) for cell in MatrixCellSerializer(cells, many=True).data]
