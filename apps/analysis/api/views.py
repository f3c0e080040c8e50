"""Analyses over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.analysis import services
from apps.analysis.api.faults import SuspectsMixin
from apps.analysis.models import Analysis, Standing, kind_choices
from apps.evaluations.models import Run
from apps.jobs.api.serializers import JobSerializer
from apps.projects.api.rows import OneOf, ProjectFilter, ProjectRowsViewSet, ProjectSlug, RowField


def _runs(user: User) -> QuerySet[Run]:
    return Run.objects.visible_to(user).select_related("project", "file", "truth")


class AnalysisFilter(ProjectFilter):
    run = RowField(_runs, required=False, help_text="Id of a run.")
    kind = serializers.CharField(required=False, help_text="Key of a kind of analysis.")


class AnalysisSerializer(serializers.ModelSerializer[Analysis]):
    project = ProjectSlug()
    state = serializers.CharField(source="job.state", read_only=True)
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Analysis
        fields = [
            "id",
            "project",
            "run",
            "kind",
            "params",
            "state",
            "job",
            "rows",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class AnalysisDetailSerializer(AnalysisSerializer):
    class Meta(AnalysisSerializer.Meta):
        fields = [*AnalysisSerializer.Meta.fields, "result"]
        read_only_fields = fields


class ParamsField(serializers.JSONField):
    """An object of parameters."""

    default_error_messages = {"not_an_object": "Parameters are an object of names and values."}

    def to_internal_value(self, data: Any) -> Any:
        found = super().to_internal_value(data)
        if not isinstance(found, dict):
            self.fail("not_an_object")
        return found


class AnalysisAskSerializer(serializers.Serializer[Any]):
    run = RowField(_runs, parent=True, help_text="Id of a finished run.")
    kind = OneOf(choices=[])
    params = ParamsField(required=False, default=dict, help_text="Parameters of this kind.")
    standing = serializers.BooleanField(
        required=False, default=False, help_text="Ask every new run of the project too."
    )

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["kind"] = OneOf(choices=kind_choices())
        return fields


class AnalysisAcceptedSerializer(serializers.Serializer[Any]):
    analysis = AnalysisSerializer()
    job = JobSerializer()


@extend_schema_view(
    list=extend_schema(summary="List analyses", parameters=[AnalysisFilter]),
    retrieve=extend_schema(
        summary="One analysis with its whole result",
        description="The result is empty until the state is succeeded; ask the job with ?wait=.",
    ),
)
@extend_schema(tags=["analyses"])
class AnalysisViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SuspectsMixin):
    queryset = Analysis.objects.none()
    serializer_class = AnalysisSerializer
    filters = AnalysisFilter

    def rows(self) -> QuerySet[Analysis]:
        found = Analysis.objects.select_related("project", "run", "job", "created_by").order_by("-pk")
        return found.defer("result") if self.action == "list" else found

    def get_serializer_class(self) -> Any:
        return AnalysisDetailSerializer if self.action == "retrieve" else AnalysisSerializer

    @extend_schema(
        summary="Put a question to the rows of a run",
        description="The same question has one answer, however often it is asked.",
        request=AnalysisAskSerializer,
        responses={202: AnalysisAcceptedSerializer},
    )
    def create(self, request: Request) -> Response:
        analysis = services.ask(user=self.person, **self.sent(AnalysisAskSerializer))
        return Response(
            {"analysis": AnalysisSerializer(analysis).data, "job": JobSerializer(analysis.job).data},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:analysis-detail", args=[analysis.pk])},
        )


class StandingSerializer(serializers.ModelSerializer[Standing]):
    project = ProjectSlug()
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Standing
        fields = ["id", "project", "kind", "params", "created_by", "created_at"]
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(summary="List what every new run is asked", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One standing question"),
)
@extend_schema(tags=["analyses"])
class StandingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Standing]):
    queryset = Standing.objects.none()
    serializer_class = StandingSerializer

    def rows(self) -> QuerySet[Standing]:
        return Standing.objects.select_related("project", "created_by").order_by("pk")

    @extend_schema(summary="Stop asking new runs", responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        services.stop_asking(standing=self.get_object(), user=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)
