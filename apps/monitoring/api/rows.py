"""Batches, labels and alerts over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.api.inputs import AlertFilter, BatchFilter, LabelFilter, NoteInput, SnoozeInput
from apps.monitoring.api.serializers import (
    AlertDetailSerializer,
    AlertEventSerializer,
    AlertSerializer,
    BatchDetailSerializer,
    BatchSerializer,
    LabelUploadSerializer,
)
from apps.monitoring.models import Alert, Batch, LabelUpload
from apps.monitoring.services import alerts
from apps.projects.access import visible
from apps.projects.api.rows import ProjectRowsViewSet


@extend_schema_view(
    list=extend_schema(summary="List batches, the newest first", parameters=[BatchFilter]),
    retrieve=extend_schema(summary="One batch with its check and its metrics"),
)
@extend_schema(tags=["monitors"])
class BatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Batch]):
    queryset = Batch.objects.none()
    serializer_class = BatchSerializer
    filters = BatchFilter

    def get_queryset(self) -> QuerySet[Batch]:
        seen = visible(Batch.objects.select_related("job"), self.person, "monitor__project")
        if self.action == "list":
            return seen.filter(**self.asked(BatchFilter)).defer("check_result", "notes")
        return seen.prefetch_related("metrics")

    def get_serializer_class(self) -> Any:
        return BatchSerializer if self.action == "list" else BatchDetailSerializer


@extend_schema_view(
    list=extend_schema(summary="List uploads of labels, the newest first", parameters=[LabelFilter]),
    retrieve=extend_schema(summary="One upload of labels"),
)
@extend_schema(tags=["monitors"])
class LabelUploadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[LabelUpload]):
    queryset = LabelUpload.objects.none()
    serializer_class = LabelUploadSerializer
    filters = LabelFilter

    def get_queryset(self) -> QuerySet[LabelUpload]:
        rows = LabelUpload.objects.select_related("job").order_by("-pk")
        seen = visible(rows, self.person, "monitor__project")
        return seen.filter(**self.asked(LabelFilter)) if self.action == "list" else seen


@extend_schema_view(
    list=extend_schema(summary="List alerts, the newest first", parameters=[AlertFilter]),
    retrieve=extend_schema(summary="One alert with its history"),
)
@extend_schema(tags=["alerts"])
class AlertViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Alert]):
    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    filters = AlertFilter

    def rows(self) -> QuerySet[Alert]:
        found = Alert.objects.select_related("project", "acknowledged_by", "resolved_by")
        return found if self.action == "list" else found.prefetch_related("events__by")

    def get_serializer_class(self) -> Any:
        return AlertSerializer if self.action == "list" else AlertDetailSerializer

    @extend_schema(summary="Say that you look after it", request=NoteInput, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str | None = None) -> Response:
        alert = alerts.acknowledge(alert=self.get_object(), user=self.person, **self.sent(NoteInput))
        return Response(AlertSerializer(alert).data)

    @extend_schema(summary="Be quiet about it until then", request=SnoozeInput, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str | None = None) -> Response:
        alert = alerts.snooze(alert=self.get_object(), user=self.person, **self.sent(SnoozeInput))
        return Response(AlertSerializer(alert).data)

    @extend_schema(summary="Say that it is over", request=NoteInput, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str | None = None) -> Response:
        alert = alerts.resolve(alert=self.get_object(), user=self.person, **self.sent(NoteInput))
        return Response(AlertSerializer(alert).data)

    @extend_schema(summary="Add a note", request=NoteInput, responses={201: AlertEventSerializer})
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str | None = None) -> Response:
        event = alerts.add_note(alert=self.get_object(), user=self.person, **self.sent(NoteInput))
        return Response(AlertEventSerializer(event).data, status=201)
