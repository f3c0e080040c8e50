"""Conflicts between requirements over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.projects.api.rows import ProjectRowsViewSet
from apps.requirements import services
from apps.requirements.api.inputs import ConflictDecideSerializer, ConflictFilter
from apps.requirements.api.serializers import ConflictDetailSerializer, ConflictSerializer
from apps.requirements.models import Conflict


@extend_schema_view(
    list=extend_schema(summary="List conflicts", parameters=[ConflictFilter]),
    retrieve=extend_schema(
        summary="One conflict with its options, the front and the runs' curves",
        responses=ConflictDetailSerializer,
    ),
)
@extend_schema(tags=["conflicts"])
class ConflictViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Conflict]):
    queryset = Conflict.objects.none()
    serializer_class = ConflictSerializer
    filters = ConflictFilter

    def rows(self) -> QuerySet[Conflict]:
        related = Conflict.objects.select_related("project", "first", "second", "decided_by")
        return related.order_by("-found_at", "-pk")

    def get_queryset(self) -> QuerySet[Conflict]:
        conflicts = super().get_queryset()
        if self.action == "list":
            return conflicts
        return conflicts.select_related("first__current", "second__current")

    def get_serializer_class(self) -> Any:
        return ConflictSerializer if self.action == "list" else ConflictDetailSerializer

    @extend_schema(
        summary="Record the way out",
        description=(
            "An option that relaxes a limit also writes the requirement's next version, with the decision as "
            "its reason. When somebody else was faster the answer is 409."
        ),
        request=ConflictDecideSerializer,
        responses=ConflictDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str | None = None) -> Response:
        conflict = self.get_object()
        sent = self.sent(ConflictDecideSerializer)
        decided = services.decide_conflict(conflict=conflict, user=self.person, **sent)
        return Response(ConflictDetailSerializer(decided).data)
