"""Model versions, their stages and retraining over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.evaluations.models import ModelVersion
from apps.projects.access import visible
from apps.projects.api.rows import ProjectAsked, ProjectRowsViewSet
from apps.releases import services
from apps.releases.api.inputs import (
    ModelVersionFilter,
    RetrainingAnswerSerializer,
    RetrainingAskSerializer,
    RetrainingFilter,
    StageChangeFilter,
    StageSetSerializer,
)
from apps.releases.api.serializers import (
    ModelVersionSerializer,
    RetrainingRequestSerializer,
    RetrainingTimesSerializer,
    StageChangeDetailSerializer,
    StageChangeSerializer,
)
from apps.releases.models import RetrainingRequest, StageChange
from apps.releases.stages import versions_with_stage
from apps.releases.times import retraining_times


@extend_schema_view(
    list=extend_schema(summary="List model versions with their stages", parameters=[ModelVersionFilter]),
    retrieve=extend_schema(summary="One model version"),
)
@extend_schema(tags=["models"])
class ModelVersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[ModelVersion]):
    queryset = ModelVersion.objects.none()
    serializer_class = ModelVersionSerializer
    filters = ModelVersionFilter

    def get_queryset(self) -> QuerySet[ModelVersion]:
        rows = versions_with_stage().select_related("model__project")
        seen = visible(rows, self.person, "model__project")
        return seen.filter(**self.asked(self.filters)) if self.action == "list" else seen

    @extend_schema(
        summary="Move a version to another stage",
        description=(
            "A candidate is approved before it becomes the champion; a new champion retires the former one "
            "of its model, and a former champion may come back. Engineers set candidate and shadow, managers "
            "the rest. A version that stands there already is answered with 409."
        ),
        request=StageSetSerializer,
        responses={201: StageChangeDetailSerializer},
    )
    @action(detail=True, methods=["post"])
    def stage(self, request: Request, pk: str | None = None) -> Response:
        version = self.get_object()
        sent = self.sent(StageSetSerializer)
        change = services.set_stage(project=version.model.project, user=self.person, version=version, **sent)
        return Response(StageChangeDetailSerializer(change).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    list=extend_schema(summary="List changes of stages, the newest first", parameters=[StageChangeFilter]),
    retrieve=extend_schema(summary="One change"),
)
@extend_schema(tags=["models"])
class StageChangeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[StageChange]):
    queryset = StageChange.objects.none()
    serializer_class = StageChangeSerializer
    filters = StageChangeFilter

    def rows(self) -> QuerySet[StageChange]:
        return StageChange.objects.select_related("project", "by").order_by("-at", "-pk")

    def get_queryset(self) -> QuerySet[StageChange]:
        changes = super().get_queryset()
        return changes.defer("advice") if self.action == "list" else changes

    def get_serializer_class(self) -> Any:
        return StageChangeSerializer if self.action == "list" else StageChangeDetailSerializer


@extend_schema_view(
    list=extend_schema(summary="List retraining requests, the newest first", parameters=[RetrainingFilter]),
    retrieve=extend_schema(summary="One request"),
)
@extend_schema(tags=["retraining"])
class RetrainingRequestViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[RetrainingRequest]
):
    queryset = RetrainingRequest.objects.none()
    serializer_class = RetrainingRequestSerializer
    filters = RetrainingFilter

    def rows(self) -> QuerySet[RetrainingRequest]:
        related = RetrainingRequest.objects.select_related(
            "project", "model", "version", "delivery", "asked_by"
        )
        return related.order_by("-asked_at", "-pk")

    @extend_schema(
        summary="Ask the trainer for a new version of a model",
        description=(
            "The trainer is the webhook that the project's rule names. It gets an event “retraining.asked” "
            "with the address for the answer."
        ),
        request=RetrainingAskSerializer,
        responses={201: RetrainingRequestSerializer},
    )
    def create(self, request: Request) -> Response:
        asked = services.request_retraining(user=self.person, **self.sent(RetrainingAskSerializer))
        return Response(RetrainingRequestSerializer(asked).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Answer as the trainer",
        description=(
            "“running” when it begins, then “done” with the label of the new version, or “failed”. The same "
            "answer may be sent again. Another answer after the end is refused with 409."
        ),
        request=RetrainingAnswerSerializer,
        responses=RetrainingRequestSerializer,
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str | None = None) -> Response:
        asked = self.get_object()  # first: what one may not see is not there, whatever was sent
        sent = self.sent(RetrainingAnswerSerializer)
        answered = services.answer_retraining(request=asked, user=self.person, **sent)
        return Response(RetrainingRequestSerializer(answered).data)

    @extend_schema(
        summary="How long retraining takes and how often it can be done",
        parameters=[ProjectAsked],
        responses=RetrainingTimesSerializer,
    )
    @action(detail=False, pagination_class=None)
    def times(self, request: Request) -> Response:
        project = self.asked(ProjectAsked)["project"]
        return Response(RetrainingTimesSerializer(retraining_times(project)).data)
