"""Files over REST."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, parsers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.compute.roles import roles_from_json
from apps.datasets import services
from apps.datasets.api.serializers import (
    DataFileDetailSerializer,
    DataFileSerializer,
    DataFileUploadSerializer,
    RolesUpdateSerializer,
)
from apps.datasets.models import MONITORED, UPLOADED, DataFile
from apps.datasets.uploads import IncomingFile, StreamingUploadMixin
from apps.projects.models import Project


class StreamingUploadViewSet(StreamingUploadMixin, viewsets.GenericViewSet[Any]):
    """Streams the file of a multipart request to the storage before DRF looks at it."""

    parser_classes = [parsers.MultiPartParser, parsers.JSONParser]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        if request.method == "POST":
            self.install_upload_handler(request)
        return super().initialize_request(request, *args, **kwargs)


def visible_project(request: Request, slug: str) -> Project:
    user = cast(User, request.user)
    return get_object_or_404(Project.objects.visible_to(user), slug=slug)


@extend_schema_view(
    list=extend_schema(
        summary="List files",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.STR, description="Short name of a project"),
            OpenApiParameter("purpose", OpenApiTypes.STR, enum=[key for key, _label in UPLOADED]),
        ],
    ),
    retrieve=extend_schema(summary="One file with the profile of its columns"),
    destroy=extend_schema(summary="Delete a file that no run uses"),
)
@extend_schema(tags=["files"])
class DataFileViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, StreamingUploadViewSet
):
    queryset = DataFile.objects.none()
    serializer_class = DataFileSerializer

    def get_queryset(self) -> QuerySet[DataFile]:
        files = DataFile.objects.visible_to(cast(User, self.request.user)).select_related(
            "project", "uploaded_by", "job"
        )
        if self.action == "list":
            files = files.exclude(purpose__in=MONITORED).defer("profile")
        for name, path in (("project", "project__slug"), ("purpose", "purpose")):
            if value := self.request.query_params.get(name):
                files = files.filter(**{path: value})
        return files

    def get_serializer_class(self) -> Any:
        return DataFileDetailSerializer if self.action == "retrieve" else DataFileSerializer

    @extend_schema(
        summary="Upload a file", request=DataFileUploadSerializer, responses={202: DataFileSerializer}
    )
    def create(self, request: Request) -> Response:
        given = DataFileUploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        upload: IncomingFile = data["file"]
        services.check_upload(upload, sha256=data["sha256"])
        file = services.submit_file(
            project=visible_project(request, data["project"]),
            user=cast(User, request.user),
            upload=upload,
            purpose=data["purpose"],
            roles=roles_from_json(data["roles"]),
        )
        return Response(DataFileSerializer(file).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Correct the roles of columns",
        request=RolesUpdateSerializer,
        responses=DataFileDetailSerializer,
    )
    @action(detail=True, methods=["put"])
    def roles(self, request: Request, pk: str | None = None) -> Response:
        given = RolesUpdateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = services.set_roles(
            file=self.get_object(),
            user=cast(User, request.user),
            roles=roles_from_json(given.validated_data["roles"]),
        )
        return Response(DataFileDetailSerializer(file).data)

    def perform_destroy(self, instance: DataFile) -> None:
        services.delete_file(file=instance, user=cast(User, self.request.user))
