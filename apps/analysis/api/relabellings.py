"""Filled-in lists of suspects over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.analysis.gains import gain_of
from apps.analysis.models import Analysis, Relabelling
from apps.analysis.relabelling import MOST_DAYS, submit_relabelling
from apps.datasets.api.views import StreamingUploadViewSet
from apps.evaluations.models import Run
from apps.jobs.api.serializers import JobSerializer, idempotency_key
from apps.projects.api.rows import NumberField, ProjectFilter, ProjectRowsViewSet, ProjectSlug, RowField


def _analyses(user: User) -> QuerySet[Analysis]:
    return Analysis.objects.visible_to(user).select_related("project", "run__file", "run__truth")


def _runs(user: User) -> QuerySet[Run]:
    return Run.objects.visible_to(user)


class RelabellingFilter(ProjectFilter):
    run = RowField(_runs, required=False, help_text="Id of the run whose labels were checked.")
    analysis = RowField(_analyses, required=False, help_text="Id of the search for faults.")


class RelabellingInput(serializers.Serializer[Any]):
    analysis = RowField(_analyses, parent=True, help_text="Id of a search for faults that has ended.")
    file = serializers.FileField(allow_empty_file=True, help_text="The filled-in list: CSV, Parquet …")
    days = NumberField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=MOST_DAYS,
        help_text="How long people worked on it.",
    )
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False, default="")


class RelabellingSerializer(serializers.ModelSerializer[Relabelling]):
    project = ProjectSlug()
    state = serializers.CharField(source="job.state", read_only=True)
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Relabelling
        fields = [
            "id",
            "project",
            "analysis",
            "run",
            "list_file",
            "state",
            "job",
            "corrected",
            "corrected_run",
            "changed",
            "dropped",
            "days",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class MetricGainSerializer(serializers.Serializer[Any]):
    metric = serializers.CharField(source="metric.key")
    before = NumberField(source="before.value")
    before_low = NumberField(source="before.low")
    before_high = NumberField(source="before.high")
    after = NumberField(source="after.value")
    after_low = NumberField(source="after.low")
    after_high = NumberField(source="after.high")
    change = NumberField()


class RelabellingDetailSerializer(RelabellingSerializer):
    gain = serializers.SerializerMethodField(
        help_text="Metrics before and after, with 95 % intervals; empty until both runs have a result."
    )

    class Meta(RelabellingSerializer.Meta):
        fields = [*RelabellingSerializer.Meta.fields, "gain"]
        read_only_fields = fields

    def get_gain(self, relabelling: Relabelling) -> list[dict[str, Any]]:
        again = relabelling.corrected_run
        if again is None or again.result is None or relabelling.run.result is None:
            return []
        rows = gain_of(relabelling.run.result, again.result).rows
        return list(MetricGainSerializer(rows, many=True).data)


class RelabellingAcceptedSerializer(serializers.Serializer[Any]):
    relabelling = RelabellingSerializer()
    job = JobSerializer()


@extend_schema_view(
    list=extend_schema(summary="List filled-in lists of suspects", parameters=[RelabellingFilter]),
    retrieve=extend_schema(
        summary="One filled-in list with what it brought",
        description=(
            "When its job has succeeded, corrected is the file with the corrected labels and corrected_run "
            "the run of the same predictions that is judged by them."
        ),
    ),
)
@extend_schema(tags=["analyses"])
class RelabellingViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    StreamingUploadViewSet,
    ProjectRowsViewSet[Relabelling],
):
    queryset = Relabelling.objects.none()
    serializer_class = RelabellingSerializer
    filters = RelabellingFilter

    def rows(self) -> QuerySet[Relabelling]:
        related = ["project", "job", "created_by"]
        if self.action == "retrieve":
            related += ["run", "corrected_run"]
        return Relabelling.objects.select_related(*related).order_by("-pk")

    def get_serializer_class(self) -> Any:
        return RelabellingDetailSerializer if self.action == "retrieve" else RelabellingSerializer

    @extend_schema(
        summary="Send a filled-in list of suspects",
        description=(
            "The labels are corrected in a new file, and a new run of the same predictions is judged by it. "
            "Nothing that is stored changes. What is wrong with the list is said by its job."
        ),
        request={"multipart/form-data": RelabellingInput},
        parameters=[OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)],
        responses={202: RelabellingAcceptedSerializer},
    )
    def create(self, request: Request) -> Response:
        said = self.sent(RelabellingInput)
        relabelling = submit_relabelling(
            analysis=said["analysis"],
            user=self.person,
            upload=said["file"],
            days=said["days"],
            sha256=said["sha256"],
            idempotency_key=idempotency_key(request.headers),
        )
        return Response(
            {
                "relabelling": RelabellingSerializer(relabelling).data,
                "job": JobSerializer(relabelling.job).data,
            },
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("api:relabelling-detail", args=[relabelling.pk])},
        )
