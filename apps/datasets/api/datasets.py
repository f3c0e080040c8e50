"""Data sets and their versions over REST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, parsers, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.datasets import services
from apps.datasets.api.views import StreamingUploadViewSet
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.projects.access import Action, require, visible
from apps.projects.api.rows import (
    Asked,
    CountField,
    OneOf,
    PersonField,
    ProjectField,
    ProjectFilter,
    ProjectRowsViewSet,
    ProjectSlug,
    UuidRowField,
)

COLUMNS_PER_PAGE, SHOWN_VERSIONS = 100, 20


def _versions() -> QuerySet[DatasetVersion]:
    found = DatasetVersion.objects.select_related("file", "created_by", "accepted_by", "parent")
    return found.defer("file__profile", "file__roles")


def _files(user: User) -> QuerySet[DataFile]:
    return DataFile.objects.visible_to(user).defer("profile")


class DatasetVersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    file_name = serializers.CharField(source="file.name", read_only=True)
    sha256 = serializers.CharField(source="file.sha256", read_only=True)
    size = serializers.IntegerField(source="file.size", read_only=True)
    rows = serializers.IntegerField(
        source="file.rows", read_only=True, allow_null=True, help_text="Empty until the file is read."
    )
    column_count = serializers.IntegerField(source="file.column_count", read_only=True, allow_null=True)
    job = serializers.UUIDField(
        source="file.job_id", read_only=True, allow_null=True, help_text="The job that reads the file."
    )
    parent = serializers.SlugRelatedField[Any](  # type: ignore[assignment]
        slug_field="number", read_only=True, help_text="Number of the version that it was made from."
    )
    created_by = serializers.StringRelatedField[Any]()
    accepted_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = DatasetVersion
        fields = [
            *("id", "number", "state", "origin", "parent", "file", "file_name", "sha256", "size", "rows"),
            *("column_count", "job", "note", "created_by", "created_at", "accepted_by", "accepted_reason"),
        ]
        read_only_fields = fields


class VersionDetailSerializer(DatasetVersionSerializer):
    columns_found = serializers.IntegerField(read_only=True, help_text="How many fit what was asked.")
    columns = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Profiles, in the order of the file."
    )

    class Meta(DatasetVersionSerializer.Meta):
        fields = [*DatasetVersionSerializer.Meta.fields, "columns_found", "columns"]
        read_only_fields = fields


class ColumnsAsked(Asked):
    column = serializers.CharField(
        required=False, default="", max_length=200, help_text="Part of the name of a column."
    )
    column_page = CountField(required=False, default=1, min_value=1, help_text="100 columns a page.")


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    project = ProjectSlug()
    owner = serializers.SlugRelatedField[Any](slug_field="email", read_only=True)
    current_version = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Number of the version in force."
    )
    versions = DatasetVersionSerializer(
        source="newest_versions", many=True, read_only=True, help_text="The newest 20, newest first."
    )

    class Meta:
        model = Dataset
        fields = [
            *("id", "project", "name", "role", "description", "owner", "source", "rights", "labelling"),
            *("special_values", "key_columns", "time_column", "created_at", "current_version", "versions"),
        ]
        read_only_fields = fields


class SpecialValuesField(serializers.DictField):
    """``{"income": [-200, "unknown"], "*": [999]}``; * is for all columns."""

    child = serializers.ListField()


class AboutSerializer(serializers.Serializer[Any]):
    """What is said about a data set. Left out on a change: as it was."""

    name = serializers.CharField(max_length=services.NAME_CHARACTERS)
    description = serializers.CharField(required=False, allow_blank=True, max_length=services.TEXT_CHARACTERS)
    owner = PersonField(required=False, allow_null=True, help_text="E-mail address of a member.")
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, allow_blank=True, max_length=services.TEXT_CHARACTERS
    )
    rights = serializers.CharField(required=False, allow_blank=True, max_length=services.TEXT_CHARACTERS)
    labelling = serializers.CharField(required=False, allow_blank=True, max_length=services.TEXT_CHARACTERS)
    special_values = SpecialValuesField(required=False, help_text="Values that mean “missing”, by column.")
    key_columns = serializers.ListField(child=serializers.CharField(trim_whitespace=False), required=False)
    time_column = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class DatasetAddSerializer(AboutSerializer):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    role = OneOf(choices=Dataset.Role.choices, required=False, default=Dataset.Role.HOLDOUT)


class VersionAddSerializer(serializers.Serializer[Any]):
    file = UuidRowField(_files, help_text="Id of a file of the project.")
    note = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=services.NOTE_CHARACTERS
    )
    parent = CountField(  # type: ignore[assignment]
        required=False,
        allow_null=True,
        default=None,
        help_text="Number of the version that it was made from; the one in force unless said.",
    )


class VersionUploadSerializer(VersionAddSerializer):
    file = serializers.FileField(allow_empty_file=True, help_text="The content.")  # type: ignore[assignment]
    sha256 = serializers.RegexField(
        r"^[0-9a-fA-F]{64}$", required=False, default="", help_text="Checked on arrival when given."
    )


def _about(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in services.DatasetAbout.__dataclass_fields__ if name in said}


@extend_schema_view(
    list=extend_schema(summary="List data sets with their versions", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One data set with its versions"),
)
@extend_schema(tags=["data sets"])
class DatasetViewSet(
    StreamingUploadViewSet, mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Dataset]
):
    queryset = Dataset.objects.none()
    serializer_class = DatasetSerializer
    parser_classes = [parsers.JSONParser]

    def rows(self) -> QuerySet[Dataset]:
        in_force = DatasetVersion.objects.filter(dataset=OuterRef("pk"), state=DatasetVersion.State.IN_FORCE)
        return (
            Dataset.objects.select_related("project", "owner")
            .prefetch_related(Prefetch("versions", _versions()[:SHOWN_VERSIONS], to_attr="newest_versions"))
            .annotate(current_version=Subquery(in_force.values("number")[:1]))
            .order_by("name", "pk")
        )

    def _answer(self, dataset: Dataset, status: int) -> Response:
        return Response(DatasetSerializer(self.rows().get(pk=dataset.pk)).data, status=status)

    @extend_schema(summary="Add a data set", request=DatasetAddSerializer, responses={201: DatasetSerializer})
    def create(self, request: Request) -> Response:
        said = self.sent(DatasetAddSerializer)
        require(self.person, Action.UPLOAD, said["project"])
        dataset = services.add_dataset(
            project=said["project"],
            user=self.person,
            name=said["name"],
            role=said["role"],
            about=services.DatasetAbout(**{"owner": self.person, **_about(said)}),
        )
        return self._answer(dataset, status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change what is said about a data set", request=AboutSerializer, responses=DatasetSerializer
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        dataset = self.get_object()
        require(self.person, Action.UPLOAD, dataset.project)  # before the body is judged
        said = self.sent(AboutSerializer, partial=True)
        about = replace(services.DatasetAbout.of(dataset), **_about(said))
        services.edit_dataset(
            dataset=dataset, user=self.person, name=said.get("name", dataset.name), about=about
        )
        return self._answer(dataset, status.HTTP_200_OK)

    @extend_schema(
        summary="List the versions of a data set, newest first",
        responses=DatasetVersionSerializer(many=True),
        methods=["get"],
    )
    @extend_schema(
        summary="Give a data set a new version",
        description="A file of the project by its id, or one that comes with the request. When the version "
        "is in force, verdicts that rest on the one before become stale.",
        request={"application/json": VersionAddSerializer, "multipart/form-data": VersionUploadSerializer},
        responses={201: DatasetVersionSerializer},
        methods=["post"],
    )
    @action(
        detail=True, methods=["get", "post"], parser_classes=[parsers.MultiPartParser, parsers.JSONParser]
    )
    def versions(self, request: Request, pk: str | None = None) -> Response:
        dataset = self.get_object()
        if request.method == "GET":
            page = self.paginate_queryset(_versions().filter(dataset=dataset))
            return self.get_paginated_response(DatasetVersionSerializer(page, many=True).data)
        require(self.person, Action.UPLOAD, dataset.project)  # before the body is judged
        if request.content_type.startswith("multipart/"):
            said = self.sent(VersionUploadSerializer)
            services.check_upload(said["file"], sha256=said.pop("sha256"))
            said["upload"] = said.pop("file")
        else:
            said = self.sent(VersionAddSerializer)
        said["parent"] = self._parent(dataset, said["parent"])
        version = services.add_version(
            dataset=dataset, user=self.person, origin=DatasetVersion.Origin.API, **said
        )
        return Response(DatasetVersionSerializer(version).data, status=status.HTTP_201_CREATED)

    def _parent(self, dataset: Dataset, number: int | None) -> DatasetVersion | None:
        if number is None:
            return None
        found = DatasetVersion.objects.filter(dataset=dataset, number=number).first()
        if found is None:
            raise serializers.ValidationError(
                {"parent": _("The data set has no version %(number)d.") % {"number": number}}
            )
        return found

    @extend_schema(
        summary="One version with the profiles of its columns",
        parameters=[OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH), ColumnsAsked],
        responses=VersionDetailSerializer,
    )
    @action(detail=True, methods=["get"], url_path=r"versions/(?P<number>[0-9]{1,9})", url_name="version")
    def version(self, request: Request, number: str, pk: str | None = None) -> Response:
        asked = self.asked(ColumnsAsked)
        dataset = get_object_or_404(visible(Dataset.objects.all(), self.person), pk=pk)
        versions = dataset.versions.select_related("file", "created_by", "accepted_by", "parent")
        version = get_object_or_404(versions, number=number)
        words = asked["column"].lower()
        found = [each for each in version.file.profile or [] if words in each["name"].lower()]
        page = Paginator(found, COLUMNS_PER_PAGE).get_page(asked["column_page"])
        data = VersionDetailSerializer(version).data
        return Response({**data, "columns_found": len(found), "columns": page.object_list})
