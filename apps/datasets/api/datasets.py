"""Data sets and their versions over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.datasets import services
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.projects.access import Action, require
from apps.projects.api.rows import (
    OneOf,
    ProjectField,
    ProjectFilter,
    ProjectRowsViewSet,
    ProjectSlug,
    UuidRowField,
)


def _files(user: User) -> QuerySet[DataFile]:
    return DataFile.objects.visible_to(user).defer("profile")


class DatasetVersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    file_name = serializers.CharField(source="file.name", read_only=True)
    sha256 = serializers.CharField(source="file.sha256", read_only=True)
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = DatasetVersion
        fields = ["number", "file", "file_name", "sha256", "note", "created_by", "created_at"]
        read_only_fields = fields


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    project = ProjectSlug()
    versions = DatasetVersionSerializer(many=True, read_only=True, help_text="The newest first.")

    class Meta:
        model = Dataset
        fields = ["id", "project", "name", "role", "created_at", "versions"]
        read_only_fields = fields


class DatasetAddSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    name = serializers.CharField(max_length=services.NAME_CHARACTERS)
    role = OneOf(choices=Dataset.Role.choices, required=False, default=Dataset.Role.HOLDOUT)


class VersionAddSerializer(serializers.Serializer[Any]):
    file = UuidRowField(_files, help_text="Id of a truth file of the project.")
    note = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=services.NOTE_CHARACTERS
    )


@extend_schema_view(
    list=extend_schema(summary="List data sets with their versions", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One data set with its versions"),
)
@extend_schema(tags=["data sets"])
class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Dataset]):
    queryset = Dataset.objects.none()
    serializer_class = DatasetSerializer

    def rows(self) -> QuerySet[Dataset]:
        versions = DatasetVersion.objects.select_related("file", "created_by").defer(
            "file__profile", "file__roles"
        )
        return (
            Dataset.objects.select_related("project")
            .prefetch_related(Prefetch("versions", versions))
            .order_by("name", "pk")
        )

    @extend_schema(summary="Add a data set", request=DatasetAddSerializer, responses={201: DatasetSerializer})
    def create(self, request: Request) -> Response:
        dataset = services.add_dataset(user=self.person, **self.sent(DatasetAddSerializer))
        return Response(DatasetSerializer(dataset).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Replace what a data set holds",
        description="Verdicts that rest on the version before become stale.",
        request=VersionAddSerializer,
        responses={201: DatasetVersionSerializer},
    )
    @action(detail=True, methods=["post"])
    def versions(self, request: Request, pk: str | None = None) -> Response:
        dataset = self.get_object()
        require(self.person, Action.UPLOAD, dataset.project)  # before the body is judged
        version = services.add_version(dataset=dataset, user=self.person, **self.sent(VersionAddSerializer))
        return Response(DatasetVersionSerializer(version).data, status=status.HTTP_201_CREATED)
