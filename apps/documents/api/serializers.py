"""The design document over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.documents.completeness import SectionState
from apps.documents.models import ArchitectureDecision, DocumentVersion
from apps.documents.sections import BY_KEY


class QuestionSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(help_text="The heading below which the answer stands.")
    ask = serializers.CharField()
    answered = serializers.BooleanField()


class SectionSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(choices=list(BY_KEY))
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=SectionState.choices)
    text = serializers.CharField(help_text="Markdown.")
    not_needed = serializers.CharField(help_text="Why the project does without it, or empty.")
    questions = QuestionSerializer(many=True)


class ReferenceSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    value = serializers.CharField(help_text="The main number of a run.")
    day = serializers.CharField()
    url = serializers.CharField()


class VersionSerializer(serializers.ModelSerializer[DocumentVersion]):
    author = serializers.StringRelatedField[Any]()

    class Meta:
        model = DocumentVersion
        fields = ["number", "changed", "note", "author", "created_at"]
        read_only_fields = fields


class DocumentSerializer(serializers.Serializer[Any]):
    project = serializers.SlugField()
    version = VersionSerializer(allow_null=True, help_text="Null before the first one.")
    sections = SectionSerializer(many=True)
    references = ReferenceSerializer(many=True, help_text="What the texts refer to, as it stands now.")


class SectionWriteSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="Markdown, or not_needed."
    )
    not_needed = serializers.CharField(
        required=False, help_text="Why the project does without this section, instead of a text."
    )
    based_on = serializers.IntegerField(
        min_value=0,
        max_value=2_147_483_647,
        help_text="Number of the version that you read, 0: none. 409 when the section changed since.",
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("not_needed" in attrs):
            raise serializers.ValidationError({"text": "Send either text or not_needed."})
        return attrs


class ReasonChangeSerializer(serializers.Serializer[Any]):
    before = serializers.CharField()
    after = serializers.CharField()


class SectionChangeSerializer(serializers.Serializer[Any]):
    section = serializers.ChoiceField(choices=list(BY_KEY))
    added = serializers.IntegerField(help_text="Lines.")
    removed = serializers.IntegerField(help_text="Lines.")
    lines = serializers.ListField(
        child=serializers.CharField(), help_text='Each begins with "+", "-" or a space.'
    )
    not_needed = ReasonChangeSerializer(help_text="The reasons to do without it, if they changed.")


class ArchitectureDecisionSerializer(serializers.ModelSerializer[ArchitectureDecision]):
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    code = serializers.CharField(read_only=True)
    author = serializers.StringRelatedField[Any]()
    settled_by = serializers.StringRelatedField[Any]()
    superseded_by = serializers.IntegerField(
        source="superseded_by.number", default=None, read_only=True, help_text="Its number in the project."
    )

    class Meta:
        model = ArchitectureDecision
        fields = [
            "id",
            "project",
            "number",
            "code",
            "area",
            "title",
            "context",
            "options",
            "decision",
            "consequences",
            "state",
            "author",
            "created_at",
            "settled_by",
            "settled_at",
            "superseded_by",
        ]
        read_only_fields = fields


class DecisionWriteSerializer(serializers.ModelSerializer[ArchitectureDecision]):
    project = serializers.SlugField(help_text="Short name of the project.")

    class Meta:
        model = ArchitectureDecision
        fields = ["project", "area", "title", "context", "options", "decision", "consequences"]


class SettleSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["accepted", "rejected"])


class SupersedeSerializer(serializers.Serializer[Any]):
    by = serializers.IntegerField(
        min_value=1,
        max_value=2_147_483_647,
        help_text="Number in the project of the accepted decision that takes its place: 3 for A-3.",
    )
