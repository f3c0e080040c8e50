"""Differences between versions of data sets over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.datasets import services
from apps.datasets.differences import schema_between
from apps.datasets.models import Dataset, VersionDifference
from apps.jobs.api.serializers import JobSerializer
from apps.projects.access import Action, require
from apps.projects.api.rows import CountField, ProjectFilter, ProjectRowsViewSet, ProjectSlug, RowField


def _datasets(user: User) -> QuerySet[Dataset]:
    return Dataset.objects.visible_to(user).select_related("project")


class DifferenceFilter(ProjectFilter):
    dataset = serializers.IntegerField(required=False, source="older__dataset", help_text="Id of a data set.")


class VersionDifferenceSerializer(serializers.ModelSerializer[VersionDifference]):
    project = ProjectSlug()
    dataset = serializers.IntegerField(source="older.dataset_id", read_only=True)
    older = serializers.IntegerField(source="older.number", read_only=True, help_text="Number of a version.")
    newer = serializers.IntegerField(source="newer.number", read_only=True)
    key_columns = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Rows are matched by them; without any, whole rows are counted.",
    )
    state = serializers.CharField(source="job.state", read_only=True)

    class Meta:
        model = VersionDifference
        fields = [
            *("id", "project", "dataset", "older", "newer", "key_columns", "state", "job", "created_at"),
        ]
        read_only_fields = fields


class VersionDifferenceDetailSerializer(VersionDifferenceSerializer):
    schema = serializers.SerializerMethodField(
        help_text="Columns added, removed, of another type, and moved; empty until both files are read."
    )

    class Meta(VersionDifferenceSerializer.Meta):
        fields = [*VersionDifferenceSerializer.Meta.fields, "schema", "result"]
        read_only_fields = fields

    def get_schema(self, difference: VersionDifference) -> dict[str, Any] | None:
        schema = schema_between(difference.older, difference.newer)
        return None if schema is None else schema.to_json()


class DifferenceAskSerializer(serializers.Serializer[Any]):
    dataset = RowField(_datasets, parent=True, help_text="Id of a data set.")
    older = CountField(min_value=1, help_text="Number of a version.")
    newer = CountField(min_value=1)
    key_columns = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False),
        required=False,
        help_text="The key columns of the data set unless said; an empty list compares whole rows.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        versions = attrs["dataset"].versions.select_related("file", "dataset__project")
        for name in ("older", "newer"):
            found = versions.filter(number=attrs[name]).first()
            if found is None:
                raise serializers.ValidationError(
                    {name: _("The data set has no version %(number)d.") % {"number": attrs[name]}}
                )
            attrs[name] = found
        return attrs


class DifferenceAcceptedSerializer(serializers.Serializer[Any]):
    difference = VersionDifferenceSerializer()
    job = JobSerializer()


@extend_schema_view(
    list=extend_schema(summary="List differences between versions", parameters=[DifferenceFilter]),
    retrieve=extend_schema(
        summary="One difference with its whole result",
        description="The result is empty until the state is succeeded; ask the job with ?wait=.",
    ),
)
@extend_schema(tags=["data sets"])
class VersionDifferenceViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[VersionDifference]
):
    queryset = VersionDifference.objects.none()
    serializer_class = VersionDifferenceSerializer
    filters = DifferenceFilter

    def rows(self) -> QuerySet[VersionDifference]:
        found = VersionDifference.objects.select_related("project", "job").order_by("-pk")
        if self.action == "list":
            return found.select_related("older", "newer").defer("result")
        return found.select_related("older__file", "newer__file")

    def get_serializer_class(self) -> Any:
        detail = self.action == "retrieve"
        return VersionDifferenceDetailSerializer if detail else VersionDifferenceSerializer

    @extend_schema(
        summary="Compare two versions row by row",
        description="The same versions and key have one difference, however often it is asked for.",
        request=DifferenceAskSerializer,
        responses={202: DifferenceAcceptedSerializer},
    )
    def create(self, request: Request) -> Response:
        said = self.sent(DifferenceAskSerializer)
        dataset = said.pop("dataset")
        require(self.person, Action.UPLOAD, dataset.project)
        difference = services.start_difference(user=self.person, **said)
        return Response(
            {
                "difference": VersionDifferenceSerializer(difference).data,
                "job": JobSerializer(difference.job).data,
            },
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:version-difference-detail", args=[difference.pk])},
        )
