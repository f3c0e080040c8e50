"""Price lists as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.projects.api.rows import ProjectSlug
from apps.requirements.models import ValueApproval, ValueCase


class ApprovalSerializer(serializers.ModelSerializer[ValueApproval]):
    approver = serializers.StringRelatedField[Any]()

    class Meta:
        model = ValueApproval
        fields = ["approver", "note", "created_at"]
        read_only_fields = fields


class ValueCaseSerializer(serializers.ModelSerializer[ValueCase]):
    """``in_force``: whether these prices count. ``approval`` is empty until somebody agrees."""

    project = ProjectSlug()
    author = serializers.StringRelatedField[Any]()
    in_force = serializers.SerializerMethodField()
    approval = serializers.SerializerMethodField()

    class Meta:
        model = ValueCase
        fields = [
            "id",
            "project",
            "number",
            "currency",
            "volume_per_year",
            "hoped_per_year",
            "hit",
            "miss",
            "false_alarm",
            "review",
            "error_unit",
            "amount_column",
            "hit_of_amount",
            "miss_of_amount",
            "false_alarm_of_amount",
            "running_cost",
            "training_cost",
            "trainings_per_year",
            "present_process",
            "spent",
            "delay_per_week",
            "reason",
            "author",
            "created_at",
            "in_force",
            "approval",
        ]
        read_only_fields = fields

    def get_in_force(self, case: ValueCase) -> bool:
        return bool(case.in_force)  # type: ignore[attr-defined]  # `ValueCases.marked`

    @extend_schema_field(ApprovalSerializer(allow_null=True))
    def get_approval(self, case: ValueCase) -> Any:
        return ApprovalSerializer(case.approval).data if case.is_approved else None
