"""Runs over REST."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.compute.roles import roles_from_json
from apps.compute.tasks import TASK_KINDS
from apps.datasets.api.views import StreamingUploadViewSet, visible_project
from apps.datasets.models import DataFile
from apps.evaluations import services
from apps.evaluations.api.serializers import (
    LooksSerializer,
    MetricValueSerializer,
    RunAcceptedSerializer,
    RunDetailSerializer,
    RunEditSerializer,
    RunSerializer,
    RunSubmitSerializer,
)
from apps.evaluations.looks import content_of, corrected_metrics, headline_results, looks_at
from apps.evaluations.models import MetricValue, Run
from apps.jobs.api.serializers import JobSerializer, idempotency_key
from apps.projects.models import Project

_OVERALL = Prefetch("values", MetricValue.objects.filter(slice_column=""))
_FIELDS = [
    "name",
    "notes",
    "model",
    "model_version",
    "baseline",
    "code_revision",
    "task",
    "positive",
    "threshold",
    "cross_slices",
    "seed",
    "evaluated_at",
    "parameters",
    "training_hash",
]


@extend_schema_view(
    list=extend_schema(
        summary="List runs",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.STR, description="Short name of a project"),
            OpenApiParameter("state", OpenApiTypes.STR, description="State of the run's job"),
            OpenApiParameter("task", OpenApiTypes.STR, enum=[task.value for task in TASK_KINDS]),
            OpenApiParameter("model", OpenApiTypes.STR, description="Name of a model"),
        ],
    ),
    retrieve=extend_schema(summary="One run with its whole result"),
)
@extend_schema(tags=["runs"])
class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, StreamingUploadViewSet):
    queryset = Run.objects.none()
    serializer_class = RunSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Run]:
        runs = Run.objects.visible_to(cast(User, self.request.user))
        if self.action == "list":
            runs = runs.defer("result", "roles", "join_report", "overlap", "cross_slices")
        for name, path in (
            ("project", "project__slug"),
            ("state", "job__state"),
            ("task", "task"),
            ("model", "model_version__model__name"),
        ):
            if value := self.request.query_params.get(name):
                runs = runs.filter(**{path: value})
        return (
            runs.select_related("project", "job", "created_by", "model_version__model")
            .prefetch_related(_OVERALL)
            .order_by("-created_at", "-pk")
        )

    def get_serializer_class(self) -> Any:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    @extend_schema(
        summary="Upload predictions and evaluate them",
        description=(
            "One multipart request takes the file and the fields; JSON with file_id evaluates a file that "
            "the portal has. Answers 202 with the run and its job; ask the job with ?wait= until it has "
            "ended. With an Idempotency-Key the same request may be sent again and makes one run."
        ),
        request={
            "multipart/form-data": RunSubmitSerializer,
            "application/json": RunSubmitSerializer,
        },
        parameters=[OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)],
        responses={202: RunAcceptedSerializer},
    )
    def create(self, request: Request) -> Response:
        given = RunSubmitSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        files = DataFile.objects.visible_to(cast(User, request.user)).defer("profile")
        project = visible_project(request, data["project"])
        submitted = services.submit_run(
            project=project,
            user=cast(User, request.user),
            upload=data.get("file"),
            file=get_object_or_404(files, pk=data["file_id"]) if "file_id" in data else None,
            truth=get_object_or_404(files, pk=data["truth"]) if "truth" in data else None,
            training=get_object_or_404(files, pk=data["training"]) if "training" in data else None,
            parent=self._parent(project, data),
            fields=services.RunFields(
                roles=roles_from_json(data["roles"]), **{name: data[name] for name in _FIELDS}
            ),
            sha256=data["sha256"],
            idempotency_key=idempotency_key(request.headers),
        )
        run = submitted.run
        return Response(
            {"run": RunSerializer(run).data, "job": JobSerializer(run.job).data},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:run-detail", args=[run.pk])},
        )

    def _parent(self, project: Project, data: dict[str, Any]) -> Run | None:
        visible = Run.objects.visible_to(cast(User, self.request.user)).defer("result", "overlap")
        if "parent" in data:
            return get_object_or_404(visible, pk=data["parent"])
        if "parent_number" in data:
            return get_object_or_404(visible, project=project, number=data["parent_number"])
        return None

    @extend_schema(summary="Change name or notes", request=RunEditSerializer, responses=RunSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        run = self.get_object()
        given = RunEditSerializer(run, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = services.edit_run(
            run=run,
            user=cast(User, request.user),
            name=given.validated_data.get("name", run.name),
            notes=given.validated_data.get("notes", run.notes),
        )
        return Response(RunSerializer(changed).data)

    @extend_schema(
        summary="Looks at the hold-out of a run",
        description=(
            "How often the hold-out was evaluated in the project, by whom and with which models, and the "
            "headline metrics with intervals that hold for all looks at once (Bonferroni)."
        ),
        responses=LooksSerializer,
    )
    @action(detail=True)
    def looks(self, request: Request, pk: str | None = None) -> Response:
        run = self.get_object()
        looks = looks_at(run.project, content_of(run))
        return Response(
            LooksSerializer(
                {"looks": looks, "corrected": corrected_metrics(looks, headline_results(run))}
            ).data
        )

    @extend_schema(
        summary="Metrics of a run as rows, slices included", responses=MetricValueSerializer(many=True)
    )
    @action(detail=True)
    def metrics(self, request: Request, pk: str | None = None) -> Response:
        values = self.paginate_queryset(MetricValue.objects.filter(run=self.get_object()))
        return self.get_paginated_response(MetricValueSerializer(values, many=True).data)
