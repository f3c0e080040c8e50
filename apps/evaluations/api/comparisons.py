"""Comparisons and the baseline over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.compute.comparison_result import ComparisonResult
from apps.compute.metrics.registry import METRICS
from apps.evaluations import services
from apps.evaluations.api.flips import FlipsMixin
from apps.evaluations.models import Baseline, Comparison, Model, Run
from apps.jobs.api.serializers import JobSerializer
from apps.projects.api.rows import (
    OneOf,
    ProjectField,
    ProjectFilter,
    ProjectRowsViewSet,
    ProjectSlug,
    RowField,
)


def _runs(user: User) -> QuerySet[Run]:
    return (
        Run.objects.visible_to(user)
        .select_related("project", "file", "truth", "model_version__model")
        .defer("join_report", "file__profile", "truth__profile")
    )


class ComparisonFilter(ProjectFilter):
    with_baseline = serializers.BooleanField(
        required=False, help_text="Made by the portal, with the baseline."
    )
    run = serializers.IntegerField(required=False, source="runs__pk", help_text="Id of a run.")


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    project = ProjectSlug()
    runs = serializers.ListField(
        source="run_ids",
        child=serializers.IntegerField(),
        read_only=True,
        help_text="The first is compared against.",
    )
    state = serializers.CharField(source="job.state", read_only=True)
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Comparison
        fields = ["id", "project", "runs", "with_baseline", "state", "job", "created_by", "created_at"]
        read_only_fields = fields


class TiesSerializer(serializers.Serializer[Any]):
    metric = serializers.CharField()
    higher_is_better = serializers.BooleanField()
    places = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), allow_null=True),
        help_text="Of each run the best and the worst place that the tests of all pairs leave it; null "
        "without a value.",
    )
    groups = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Ids of runs that cannot be told apart, the best first. A run may be in several groups.",
    )


class ComparisonDetailSerializer(ComparisonSerializer):
    ties = serializers.SerializerMethodField(
        help_text="Groups of ties by each metric. All pairs of runs are tested and corrected for their "
        "number (Holm); empty where that was not done: ask for the comparison again."
    )

    class Meta(ComparisonSerializer.Meta):
        fields = [*ComparisonSerializer.Meta.fields, "ties", "result"]
        read_only_fields = fields

    @extend_schema_field(TiesSerializer(many=True))
    def get_ties(self, comparison: Comparison) -> list[dict[str, Any]]:
        if not comparison.result or "metrics" not in comparison.result:
            return []
        found = []
        for each in ComparisonResult.from_json(comparison.result).metrics:
            higher = bool(METRICS[each.key].higher_is_better)
            ties = each.ties(higher_is_better=higher)
            if ties is not None:
                groups = [[comparison.run_ids[place] for place in group] for group in ties.groups]
                found.append(
                    {"metric": each.key, "higher_is_better": higher, "places": ties.places, "groups": groups}
                )
        return found


class ComparisonAskSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    runs = serializers.ListField(
        child=RowField(_runs),
        min_length=services.FEWEST_COMPARED,
        max_length=services.MOST_COMPARED,
        help_text="Ids of finished runs; the first is compared against.",
    )


class ComparisonAcceptedSerializer(serializers.Serializer[Any]):
    comparison = ComparisonSerializer()
    job = JobSerializer()


@extend_schema_view(
    list=extend_schema(summary="List comparisons", parameters=[ComparisonFilter]),
    retrieve=extend_schema(
        summary="One comparison with its whole result",
        description="The result is empty until the state is succeeded; ask the job with ?wait=.",
    ),
)
@extend_schema(tags=["comparisons"])
class ComparisonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, FlipsMixin):
    queryset = Comparison.objects.none()
    serializer_class = ComparisonSerializer
    filters = ComparisonFilter

    def rows(self) -> QuerySet[Comparison]:
        found = Comparison.objects.select_related("project", "job", "created_by").order_by("-pk")
        return found.defer("result") if self.action == "list" else found

    def get_serializer_class(self) -> Any:
        return ComparisonDetailSerializer if self.action == "retrieve" else ComparisonSerializer

    @extend_schema(
        summary="Compare 2 to 20 runs",
        description="The same runs in the same order have one comparison, however often it is asked for. "
        "One that failed, or that was made before all pairs of runs were tested, is made again.",
        request=ComparisonAskSerializer,
        responses={202: ComparisonAcceptedSerializer},
    )
    def create(self, request: Request) -> Response:
        said = self.sent(ComparisonAskSerializer)
        comparison = services.compare_runs(user=self.person, **said)
        return Response(
            {
                "comparison": ComparisonSerializer(comparison).data,
                "job": JobSerializer(comparison.job).data,
            },
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:comparison-detail", args=[comparison.pk])},
        )


class BaselineSerializer(serializers.ModelSerializer[Baseline]):
    project = ProjectSlug()
    model = serializers.CharField(source="model.name", read_only=True)
    model_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Baseline
        fields = ["id", "project", "model", "model_id", "kind", "description"]
        read_only_fields = fields


class BaselineNameSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    model = serializers.CharField(max_length=120, help_text="Name of a model of the project.")
    kind = OneOf(choices=Baseline.Kind.choices)
    description = serializers.CharField(required=False, default="", allow_blank=True, max_length=1_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        model = Model.objects.filter(project=attrs["project"], name=attrs["model"]).first()
        if model is None:
            raise serializers.ValidationError(
                {"model": _("The project has no model “%(name)s”.") % {"name": attrs["model"]}}
            )
        return {**attrs, "model": model}


@extend_schema_view(
    list=extend_schema(summary="List baselines, one per project", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One baseline"),
)
@extend_schema(tags=["comparisons"])
class BaselineViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Baseline]):
    queryset = Baseline.objects.none()
    serializer_class = BaselineSerializer

    def rows(self) -> QuerySet[Baseline]:
        return Baseline.objects.select_related("project", "model").order_by("pk")

    @extend_schema(
        summary="Name the baseline of a project",
        description="Replaces the one that was named before. The newest runs are compared with it at once.",
        request=BaselineNameSerializer,
        responses=BaselineSerializer,
    )
    def create(self, request: Request) -> Response:
        baseline = services.name_baseline(user=self.person, **self.sent(BaselineNameSerializer))
        return Response(BaselineSerializer(baseline).data)
