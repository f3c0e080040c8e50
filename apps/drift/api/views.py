"""Drift reports, the reference and the methods over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.compute.drift.registry import TESTS
from apps.compute.roles import roles_from_json
from apps.datasets.api.views import StreamingUploadViewSet
from apps.drift import services
from apps.drift.api.inputs import (
    ColumnAsked,
    ReferenceSetSerializer,
    ReportFilter,
    ReportSubmitSerializer,
    source_of,
    spec_of,
)
from apps.drift.api.serializers import (
    ColumnDriftSerializer,
    DriftReferenceSerializer,
    DriftReportAcceptedSerializer,
    DriftReportDetailSerializer,
    DriftReportSerializer,
    EvidentlySerializer,
    MethodSerializer,
)
from apps.drift.checks import kinds_of
from apps.drift.lists import filtered_columns
from apps.drift.models import DriftReport, EvidentlyReport, Reference
from apps.drift.serving import page_of
from apps.jobs.api.serializers import JobSerializer, idempotency_key
from apps.projects.api.rows import ProjectFilter, ProjectRowsViewSet

_HEAVY = [f"{side}_file__{name}" for side in ("current", "reference") for name in ("profile", "roles")]


@extend_schema_view(
    list=extend_schema(summary="List drift reports", parameters=[ReportFilter]),
    retrieve=extend_schema(
        summary="One drift report with its result",
        description="The result is empty until the state is succeeded; ask the job with ?wait=.",
    ),
)
@extend_schema(tags=["drift"])
class DriftReportViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    StreamingUploadViewSet,
    ProjectRowsViewSet[DriftReport],
):
    queryset = DriftReport.objects.none()
    serializer_class = DriftReportSerializer
    filters = ReportFilter

    def rows(self) -> QuerySet[DriftReport]:
        reports = (
            DriftReport.objects.select_related(
                "project",
                "job",
                "created_by",
                "current_file",
                "reference_file",
                "current_version",
                "reference_version",
            )
            .defer(*_HEAVY)
            .order_by("-created_at", "-pk")
        )
        return (
            reports.defer("result", "spec", "special_values", *_HEAVY) if self.action == "list" else reports
        )

    def get_serializer_class(self) -> Any:
        return DriftReportDetailSerializer if self.action == "retrieve" else DriftReportSerializer

    @extend_schema(
        summary="Compare data with the reference",
        description=(
            "JSON names files or data sets that the portal has; one multipart request takes the file and the "
            "fields, those that are not texts as JSON. Answers 202 with the report and its job; ask the job "
            "with ?wait= until it has ended. With an Idempotency-Key the same request may be sent again and "
            "makes one report."
        ),
        request={
            "multipart/form-data": ReportSubmitSerializer,
            "application/json": ReportSubmitSerializer,
        },
        parameters=[OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)],
        responses={202: DriftReportAcceptedSerializer},
    )
    def create(self, request: Request) -> Response:
        said = self.sent(ReportSubmitSerializer)
        common: dict[str, Any] = {
            "project": said["project"],
            "user": self.person,
            "reference": source_of(said["reference"]) if said["reference"] else None,
            "name": said["name"],
            "spec": spec_of(said),
            "idempotency_key": idempotency_key(request.headers),
        }
        if "file" in said:
            report = services.submit_upload_report(
                upload=said["file"],
                selection=said["selection"],
                roles=roles_from_json(said["file_roles"]),
                sha256=said["sha256"],
                **common,
            )
        else:
            report = services.submit_report(current=source_of(said), **common)
        return Response(
            {"report": DriftReportSerializer(report).data, "job": JobSerializer(report.job).data},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:drift-report-detail", args=[report.pk])},
        )

    @extend_schema(
        summary="Columns of a drift report",
        parameters=[ColumnAsked],
        responses=ColumnDriftSerializer(many=True),
    )
    @action(detail=True)
    def columns(self, request: Request, pk: str | None = None) -> Response:
        asked = self.asked(ColumnAsked)
        found = filtered_columns(self.get_object(), asked["q"], asked["verdict"], asked["sort"])
        page = self.paginate_queryset(found)
        return self.get_paginated_response(ColumnDriftSerializer(page, many=True).data)

    @extend_schema(summary="How far Evidently's own page of it is", responses=EvidentlySerializer)
    @action(detail=True)
    def evidently(self, request: Request, pk: str | None = None) -> Response:
        return Response(EvidentlySerializer(self._evidently()).data)

    @extend_schema(
        summary="Have Evidently make its own page of it",
        description="However often it is asked for, it is made once.",
        request=None,
        responses={202: EvidentlySerializer},
    )
    @evidently.mapping.post
    def request_evidently(self, request: Request, pk: str | None = None) -> Response:
        made = services.request_evidently(report=self.get_object(), user=self.person)
        return Response(
            EvidentlySerializer(made).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:drift-report-evidently", args=[made.report_id])},
        )

    @extend_schema(summary="Evidently's page as HTML", responses={(200, "text/html"): OpenApiTypes.BINARY})
    @action(detail=True, url_path="evidently/page", url_name="evidently-page")
    def evidently_page(self, request: Request, pk: str | None = None) -> FileResponse:
        return page_of(self._evidently(), attached=True)

    def _evidently(self) -> EvidentlyReport:
        return get_object_or_404(
            EvidentlyReport.objects.select_related("job__project", "report"), report=self.get_object()
        )


@extend_schema_view(
    list=extend_schema(summary="List references, one per project", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One reference"),
)
@extend_schema(tags=["drift"])
class ReferenceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Reference]):
    queryset = Reference.objects.none()
    serializer_class = DriftReferenceSerializer

    def rows(self) -> QuerySet[Reference]:
        rows = Reference.objects.select_related("project", "file", "version", "set_by")
        return rows.defer("file__profile", "file__roles").order_by("pk")

    @extend_schema(
        summary="Name the reference of a project",
        description="Replaces the one that was named before. Reports that are there stay as they are.",
        request=ReferenceSetSerializer,
        responses=DriftReferenceSerializer,
    )
    def create(self, request: Request) -> Response:
        said = self.sent(ReferenceSetSerializer)
        row = services.set_reference(
            project=said["project"], user=self.person, source=source_of(said), reason=said["reason"]
        )
        return Response(DriftReferenceSerializer(row).data)


@extend_schema(tags=["drift"])
class MethodViewSet(viewsets.ViewSet):
    """The ways to compare a column, the most used first."""

    @extend_schema(summary="List the methods of comparing a column", responses=MethodSerializer(many=True))
    def list(self, request: Request) -> Response:
        methods = [
            {
                "key": test.key,
                "label": _(test.label),
                "description": _(test.description),
                "source": test.source,
                "is_p_value": test.is_p_value,
                "limit": test.limit,
                "kinds": [kind.value for kind in kinds_of(test)],
            }
            for test in TESTS.values()
        ]
        return Response(MethodSerializer(methods, many=True).data)
