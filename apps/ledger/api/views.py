"""The gain ledger over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.translate import translate
from apps.compute.ledger import Total
from apps.ledger import services
from apps.ledger.models import Change
from apps.ledger.reading import Book, book
from apps.projects.api.rows import (
    NumberField,
    ProjectAsked,
    ProjectField,
    ProjectFilter,
    ProjectRowsViewSet,
    ProjectSlug,
)


class LedgerChangeSerializer(serializers.ModelSerializer[Change]):
    project = ProjectSlug()
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Change
        fields = [
            "id",
            "project",
            "title",
            "subject",
            "kind",
            "run",
            "parent",
            "comparison",
            "metric",
            "before",
            "after",
            "source",
            "days",
            "cost",
            "kept",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class EffortSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=services.TITLE)
    subject = serializers.CharField(max_length=services.SUBJECT, required=False, default="", allow_blank=True)
    days = NumberField(required=False, default=None, allow_null=True, help_text="Days of work.")
    cost = NumberField(required=False, default=None, allow_null=True, help_text="In the project's currency.")
    kept = serializers.BooleanField(required=False, default=True)


class LedgerRecordSerializer(EffortSerializer):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    kind = serializers.CharField(max_length=7, help_text="data, model or both.")
    metric = serializers.CharField(max_length=40, help_text="Key of a metric.")
    before = NumberField(help_text="Shares from 0 to 1.")
    after = NumberField()
    # Declared fields are taken out of the class, so this never meets the attribute of all serializers.
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=services.SOURCE, help_text="Where it was measured."
    )


class LedgerEditSerializer(EffortSerializer):
    title = serializers.CharField(max_length=services.TITLE, required=False)


class LedgerAsked(ProjectAsked):
    subject = serializers.CharField(required=False, default="")
    metric = serializers.CharField(required=False, default="")


@extend_schema_view(
    list=extend_schema(summary="List changes of the gain ledger", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One change"),
)
@extend_schema(tags=["ledger"])
class LedgerChangeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Change]):
    queryset = Change.objects.none()
    serializer_class = LedgerChangeSerializer

    def rows(self) -> QuerySet[Change]:
        return Change.objects.select_related("project", "created_by").order_by("pk")

    @extend_schema(
        summary="Record a change that was measured outside the portal",
        description="A run with a parent enters the ledger by itself when both have a result.",
        request=LedgerRecordSerializer,
        responses={201: LedgerChangeSerializer},
    )
    def create(self, request: Request) -> Response:
        sent = self.sent(LedgerRecordSerializer)
        project = sent.pop("project")
        names = ("kind", "metric", "before", "after", "source")
        elsewhere = services.Elsewhere(**{name: sent.pop(name) for name in names})
        change = services.record_change(
            project=project, user=self.person, effort=services.Effort(**sent), elsewhere=elsewhere
        )
        return Response(LedgerChangeSerializer(change).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Say what a change took and whether it was kept",
        request=LedgerEditSerializer,
        responses=LedgerChangeSerializer,
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        change = self.get_object()
        sent = self.sent(LedgerEditSerializer, partial=True)
        names = ("title", "subject", "days", "cost", "kept")
        effort = services.Effort(**{name: sent.get(name, getattr(change, name)) for name in names})
        edited = services.edit_change(change=change, user=self.person, effort=effort)
        return Response(LedgerChangeSerializer(edited).data)

    @extend_schema(
        summary="Totals of a ledger by kind of work, and its advice",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.STR, required=True),
            OpenApiParameter("subject", OpenApiTypes.STR, description="What was worked on"),
            OpenApiParameter("metric", OpenApiTypes.STR, description="Key of a metric"),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    @action(detail=False)
    def summary(self, request: Request) -> Response:
        found = book(**self.asked(LedgerAsked))
        return Response(_summary(found))


def _summary(found: Book | None) -> dict[str, Any]:
    if found is None or found.summary is None:
        return {"metric": found.metric.key if found else None, "kept": {}, "dropped": {}, "advice": []}
    summary = found.summary
    return {
        "subject": found.subject,
        "metric": found.metric.key,
        "kept": {kind.value: _total(total) for kind, total in summary.kept.items()},
        "dropped": {kind.value: _total(total) for kind, total in summary.dropped.items()},
        "whole": _total(summary.whole),
        "data_share": summary.data_share,
        "advice": [translate(sentence) for sentence in found.advice],
    }


def _total(total: Total) -> dict[str, Any]:
    """Gains are positive where the metric got better."""
    names = ("count", "gain", "low", "high", "days", "cost", "measured")
    rate = total.per_day
    return {
        **{name: getattr(total, name) for name in names},
        "gain_per_day": rate.value if rate else None,
    }
