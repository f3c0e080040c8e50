"""Monitors over REST, and what comes in to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.datasets.api.views import StreamingUploadViewSet
from apps.jobs.api.serializers import JobSerializer, idempotency_key
from apps.monitoring.api.inputs import (
    BatchInput,
    LabelsInput,
    MetricAsked,
    MonitorFilter,
    MonitorInput,
    MonitorSubmit,
    WatchedInput,
    about_of,
    said_of,
    watched_of,
)
from apps.monitoring.api.serializers import (
    BatchAcceptedSerializer,
    BatchSerializer,
    LabelsAcceptedSerializer,
    LabelUploadSerializer,
    LiveMetricSerializer,
    MonitorDetailSerializer,
    MonitorSerializer,
    WatchedModelSerializer,
)
from apps.monitoring.models import LiveMetric, Monitor
from apps.monitoring.services import batches, labels, monitors
from apps.monitoring.services.about import MonitorAbout
from apps.monitoring.services.checks import in_zone
from apps.projects.api.rows import ProjectRowsViewSet

_KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)
_HEAVY = ("pooled", "learned", "roles", "drift_spec")


@extend_schema_view(
    list=extend_schema(summary="List monitors with their three lights", parameters=[MonitorFilter]),
    retrieve=extend_schema(summary="One monitor with what its lights rest on"),
)
@extend_schema(tags=["monitors"])
class MonitorViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, StreamingUploadViewSet, ProjectRowsViewSet[Monitor]
):
    queryset = Monitor.objects.none()
    serializer_class = MonitorSerializer
    filters = MonitorFilter

    def rows(self) -> QuerySet[Monitor]:
        found = Monitor.objects.select_related("project").order_by("project__name", "number")
        if self.action == "list":
            return found.defer(*_HEAVY)
        return found.select_related("reference_file", "reference_version").prefetch_related(
            "requirements", "owners", "models__version__model"
        )

    def get_serializer_class(self) -> Any:
        return MonitorDetailSerializer if self.action == "retrieve" else MonitorSerializer

    @extend_schema(
        summary="Watch a live system", request=MonitorSubmit, responses={201: MonitorDetailSerializer}
    )
    def create(self, request: Request) -> Response:
        said = self.sent(MonitorSubmit)
        monitor = monitors.add_monitor(
            project=said["project"],
            user=self.person,
            about=about_of(said),
            models=[watched_of(model) for model in said["models"]],
        )
        return Response(
            MonitorDetailSerializer(monitor).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": reverse("api:monitor-detail", args=[monitor.pk])},
        )

    @extend_schema(
        summary="Change what is said of a monitor", request=MonitorInput, responses=MonitorDetailSerializer
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        monitor = self.get_object()
        said = said_of(self.sent(MonitorInput))
        changed = monitors.change_monitor(
            monitor=monitor, user=self.person, about=replace(MonitorAbout.of(monitor), **said)
        )
        return Response(MonitorDetailSerializer(changed).data)

    @extend_schema(summary="Expect nothing for a while", request=None, responses=MonitorSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        paused = monitors.pause_monitor(monitor=self.get_object(), user=self.person)
        return Response(MonitorSerializer(paused).data)

    @extend_schema(summary="Watch again", request=None, responses=MonitorSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        resumed = monitors.resume_monitor(monitor=self.get_object(), user=self.person)
        return Response(MonitorSerializer(resumed).data)

    @extend_schema(summary="Watch no longer, for ever", request=None, responses=MonitorSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str | None = None) -> Response:
        archived = monitors.archive_monitor(monitor=self.get_object(), user=self.person)
        return Response(MonitorSerializer(archived).data)

    @extend_schema(
        summary="Watch a model version",
        description="A champion or a baseline takes the place of the one before it.",
        request=WatchedInput,
        responses={201: WatchedModelSerializer},
    )
    @action(detail=True, methods=["post"])
    def models(self, request: Request, pk: str | None = None) -> Response:
        monitor = self.get_object()
        about = watched_of(self.sent(WatchedInput))
        watched = monitors.watch_model(
            monitor=monitor,
            user=self.person,
            version=about.version,
            part=about.part,
            roles=about.roles,
            since=about.since,
        )
        return Response(WatchedModelSerializer(watched).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Send a batch",
        description=(
            "A file, or up to 10,000 rows as JSON, with the window of event time that it is of. Answers 202 "
            "with the batch and the job of its check, or 200 when the portal has the same batch already. "
            + (batches.__doc__ or "").split("\n\n", 1)[1]
        ),
        request={"multipart/form-data": BatchInput, "application/json": BatchInput},
        parameters=[_KEY],
        responses={200: BatchAcceptedSerializer, 202: BatchAcceptedSerializer},
    )
    @action(detail=True, methods=["post"])
    def batches(self, request: Request, pk: str | None = None) -> Response:
        monitor = self.get_object()
        accepted = batches.submit_batch(
            monitor=monitor,
            user=self.person,
            idempotency_key=idempotency_key(request.headers),
            **self.sent(BatchInput),
        )
        batch = accepted.batch
        return Response(
            {
                "batch": BatchSerializer(batch).data,
                "job": JobSerializer(batch.job).data,
                "repeated": accepted.repeated,
            },
            status=status.HTTP_200_OK if accepted.repeated else status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:batch-detail", args=[batch.pk])},
        )

    @extend_schema(
        summary="Send labels",
        description=(
            "Ids with what turned out to be true: in any order, in part, more than once, also before their "
            "batch. Of several labels of one id the newest counts."
        ),
        request={"multipart/form-data": LabelsInput, "application/json": LabelsInput},
        parameters=[_KEY],
        responses={202: LabelsAcceptedSerializer},
    )
    @action(detail=True, methods=["post"])
    def labels(self, request: Request, pk: str | None = None) -> Response:
        upload = labels.submit_labels(
            monitor=self.get_object(),
            user=self.person,
            idempotency_key=idempotency_key(request.headers),
            **self.sent(LabelsInput),
        )
        return Response(
            {"labels": LabelUploadSerializer(upload).data, "job": JobSerializer(upload.job).data},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:label-upload-detail", args=[upload.pk])},
        )

    @extend_schema(
        summary="A metric over time",
        description="Measured and estimated values of every watched model, the oldest first.",
        parameters=[MetricAsked],
        responses=LiveMetricSerializer(many=True),
    )
    @action(detail=True, methods=["get"])
    def metrics(self, request: Request, pk: str | None = None) -> Response:
        monitor = self.get_object()
        asked = self.asked(MetricAsked)
        found = LiveMetric.objects.filter(
            monitor=monitor,
            batch__replaced_at=None,
            metric=asked.get("metric") or monitor.watch_metric,
            slice_column=asked["slice_column"],
            slice_value=asked["slice_value"],
        )
        for name, lookup in (("since", "start__gte"), ("before", "start__lt")):
            if name in asked:
                found = found.filter(**{lookup: in_zone(asked[name], monitor.zone)})
        page = self.paginate_queryset(found.order_by("start", "pk"))
        return self.get_paginated_response(LiveMetricSerializer(page, many=True).data)
