"""The fit assessment, gates, criteria and decisions over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.compute import fit
from apps.lifecycle import gates, services
from apps.lifecycle.api.inputs import (
    CriterionAddSerializer,
    CriterionFilter,
    CriterionJudgeSerializer,
    DecideSerializer,
    DecisionFilter,
    FitAnswerFilter,
    FitAnswerGiveSerializer,
    GateAsked,
    RetireSerializer,
    SecondPersonSerializer,
)
from apps.lifecycle.api.serializers import (
    AssessmentSerializer,
    CriterionSerializer,
    DecisionDetailSerializer,
    DecisionSerializer,
    FitAnswerSerializer,
    FitSerializer,
)
from apps.lifecycle.models import Criterion, Decision, FitAnswer
from apps.projects.api.rows import ProjectAsked, ProjectRowsViewSet


@extend_schema_view(
    list=extend_schema(summary="List the answers of fit assessments", parameters=[FitAnswerFilter]),
    retrieve=extend_schema(summary="One answer"),
)
@extend_schema(tags=["fit assessment"])
class FitAnswerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[FitAnswer]):
    queryset = FitAnswer.objects.none()
    serializer_class = FitAnswerSerializer
    filters = FitAnswerFilter

    def rows(self) -> QuerySet[FitAnswer]:
        return FitAnswer.objects.select_related("project", "owner", "answered_by").order_by("project", "pk")

    @extend_schema(
        summary="Answer a question of the fit assessment",
        request=FitAnswerGiveSerializer,
        responses=FitAnswerSerializer,
    )
    def create(self, request: Request) -> Response:
        answer = services.answer_fit(user=self.person, **self.sent(FitAnswerGiveSerializer))
        return Response(FitAnswerSerializer(answer).data)

    @extend_schema(
        summary="What the answers of a project advise, and what that rests on",
        parameters=[ProjectAsked],
        responses=FitSerializer,
    )
    @action(detail=False, pagination_class=None)
    def advice(self, request: Request) -> Response:
        answers = FitAnswer.objects.filter(**self.asked(ProjectAsked)).values_list("question", "state")
        given = dict(answers)
        body = {
            "advice": fit.advise(given),
            "questions": [
                {"question": question, "state": given.get(question.key)} for question in fit.QUESTIONS
            ],
        }
        return Response(FitSerializer(body).data)


@extend_schema(tags=["gates"])
class GateViewSet(ProjectRowsViewSet[Criterion]):
    """A gate is computed from evidence each time it is asked for."""

    queryset = Criterion.objects.none()
    serializer_class = AssessmentSerializer
    pagination_class = None

    @extend_schema(
        summary="How a project stands before a gate",
        description="A criterion is met, not met or unknown, and unknown never passes.",
        parameters=[GateAsked],
        responses=AssessmentSerializer,
    )
    def list(self, request: Request) -> Response:
        return Response(AssessmentSerializer(gates.assess(**self.asked(GateAsked))).data)


@extend_schema_view(
    list=extend_schema(summary="List the criteria that projects added", parameters=[CriterionFilter]),
    retrieve=extend_schema(summary="One criterion"),
)
@extend_schema(tags=["gates"])
class CriterionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Criterion]):
    queryset = Criterion.objects.none()
    serializer_class = CriterionSerializer
    filters = CriterionFilter

    def rows(self) -> QuerySet[Criterion]:
        return Criterion.objects.select_related("project", "judged_by").order_by("project", "pk")

    @extend_schema(
        summary="Add a criterion to a gate",
        request=CriterionAddSerializer,
        responses={201: CriterionSerializer},
    )
    def create(self, request: Request) -> Response:
        criterion = services.add_criterion(user=self.person, **self.sent(CriterionAddSerializer))
        return Response(CriterionSerializer(criterion).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Say whether it is met", request=CriterionJudgeSerializer, responses=CriterionSerializer
    )
    @action(detail=True, methods=["post"])
    def judge(self, request: Request, pk: str | None = None) -> Response:
        criterion = self.get_object()
        sent = self.sent(CriterionJudgeSerializer)
        judged = services.judge_criterion(criterion=criterion, user=self.person, **sent)
        return Response(CriterionSerializer(judged).data)

    @extend_schema(
        summary="Take it out of the gate", description="It is kept with its day.", responses={204: None}
    )
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        services.remove_criterion(criterion=self.get_object(), user=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    list=extend_schema(summary="List decisions, the newest first", parameters=[DecisionFilter]),
    retrieve=extend_schema(summary="One decision with the evidence as it stood"),
)
@extend_schema(tags=["decisions"])
class DecisionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Decision]):
    queryset = Decision.objects.none()
    serializer_class = DecisionSerializer
    filters = DecisionFilter

    def rows(self) -> QuerySet[Decision]:
        related = Decision.objects.select_related("project", "phase", "decided_by", "second_person")
        return related.order_by("-decided_at", "-pk")

    def get_queryset(self) -> QuerySet[Decision]:
        decisions = super().get_queryset()
        return decisions.defer("evidence") if self.action == "list" else decisions

    def get_serializer_class(self) -> Any:
        return DecisionSerializer if self.action == "list" else DecisionDetailSerializer

    @extend_schema(
        summary="Decide at a gate or at the end of a timebox",
        description=(
            "Against the computed advice it needs a reason, and waits in the state “proposed” until another "
            "manager confirms it. When somebody else was faster the answer is 409."
        ),
        request=DecideSerializer,
        responses={201: DecisionDetailSerializer},
    )
    def create(self, request: Request) -> Response:
        decision = services.decide(user=self.person, **self.sent(DecideSerializer))
        return Response(DecisionDetailSerializer(decision).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Retire a project", request=RetireSerializer, responses={201: DecisionDetailSerializer}
    )
    @action(detail=False, methods=["post"])
    def retire(self, request: Request) -> Response:
        decision = services.retire(user=self.person, **self.sent(RetireSerializer))
        return Response(DecisionDetailSerializer(decision).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Confirm it as the second person",
        request=SecondPersonSerializer,
        responses=DecisionDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str | None = None) -> Response:
        return self._second(services.confirm_decision)

    @extend_schema(
        summary="Decline it as the second person",
        request=SecondPersonSerializer,
        responses=DecisionDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str | None = None) -> Response:
        return self._second(services.decline_decision)

    def _second(self, service: Any) -> Response:
        decision = self.get_object()  # first: what one may not see is not there, whatever was sent
        settled = service(decision=decision, user=self.person, **self.sent(SecondPersonSerializer))
        return Response(DecisionDetailSerializer(settled).data)
