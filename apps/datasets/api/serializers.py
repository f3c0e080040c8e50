"""Files over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.compute.roles import Role
from apps.datasets.models import UPLOADED, DataFile


class ColumnRoleSerializer(serializers.Serializer[dict[str, str]]):
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    label = serializers.CharField(  # type: ignore[assignment]
        required=False,
        allow_blank=True,
        default="",
        help_text="The class of a probability column, or the level of a quantile column such as 0.9.",
    )


class RolesField(serializers.JSONField):
    """``{"column": "target"}`` or ``{"column": {"role": "probability", "label": "yes"}}``."""

    def to_internal_value(self, data: Any) -> dict[str, dict[str, str]]:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise serializers.ValidationError('Give an object such as {"y": "target"}.')
        roles, errors = {}, {}
        for column, use in value.items():
            entry = ColumnRoleSerializer(data={"role": use} if isinstance(use, str) else use)
            if entry.is_valid():
                roles[column] = entry.validated_data
            else:
                errors[column] = entry.errors
        if errors:
            raise serializers.ValidationError(errors)
        return roles


class DataFileSerializer(serializers.ModelSerializer[DataFile]):
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    uploaded_by = serializers.StringRelatedField[Any]()
    job = serializers.PrimaryKeyRelatedField[Any](read_only=True)

    class Meta:
        model = DataFile
        fields = [
            "id",
            "project",
            "purpose",
            "name",
            "sha256",
            "size",
            "format",
            "rows",
            "column_count",
            "roles",
            "uploaded_by",
            "uploaded_at",
            "job",
        ]
        read_only_fields = fields


class DataFileDetailSerializer(DataFileSerializer):
    class Meta(DataFileSerializer.Meta):
        fields = [*DataFileSerializer.Meta.fields, "profile"]
        read_only_fields = fields


class DataFileUploadSerializer(serializers.Serializer[Any]):
    project = serializers.SlugField(help_text="Short name of the project.")
    file = serializers.FileField(allow_empty_file=True)
    purpose = serializers.ChoiceField(choices=UPLOADED, default=DataFile.Purpose.PREDICTIONS)
    roles = RolesField(required=False, default=dict)
    sha256 = serializers.RegexField(
        r"^[0-9a-fA-F]{64}$", required=False, default="", help_text="Checked on arrival when given."
    )


class RolesUpdateSerializer(serializers.Serializer[Any]):
    roles = RolesField()
