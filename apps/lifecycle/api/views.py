"""Phases and what is in them, over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.lifecycle import burn, services
from apps.lifecycle.api.inputs import (
    DeliverableAddSerializer,
    DeliverableFilter,
    DeliverableFinishSerializer,
    DeliverableRemoveSerializer,
    DeliverableResizeSerializer,
    DiscoveryStartSerializer,
    HypothesisAddSerializer,
    HypothesisFilter,
    HypothesisSettleSerializer,
    PhaseFilter,
    ScopeAgreeSerializer,
    ScopeChangeFilter,
    TimeboxSerializer,
)
from apps.lifecycle.api.serializers import (
    DeliverableSerializer,
    HypothesisSerializer,
    PhaseProgressSerializer,
    PhaseSerializer,
    ScopeChangeSerializer,
)
from apps.lifecycle.models import Deliverable, Hypothesis, Phase, ScopeChange
from apps.projects.api.rows import ProjectRowsViewSet


@extend_schema_view(
    list=extend_schema(summary="List phases", parameters=[PhaseFilter]),
    retrieve=extend_schema(summary="One phase"),
)
@extend_schema(tags=["phases"])
class PhaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Phase]):
    queryset = Phase.objects.none()
    serializer_class = PhaseSerializer
    filters = PhaseFilter

    def rows(self) -> QuerySet[Phase]:
        return Phase.objects.select_related("project", "created_by").order_by("project", "pk")

    @extend_schema(
        summary="Start a discovery",
        description="A discovery has fixed time. Every one after the first is a new cycle.",
        request=DiscoveryStartSerializer,
        responses={201: PhaseSerializer},
    )
    def create(self, request: Request) -> Response:
        phase = services.start_discovery(user=self.person, **self.sent(DiscoveryStartSerializer))
        return Response(PhaseSerializer(phase).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Correct the timebox before the work starts",
        request=TimeboxSerializer,
        responses=PhaseSerializer,
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        phase = self.get_object()
        days = {"started_on": phase.started_on, "ends_on": phase.ends_on}
        sent = self.sent(TimeboxSerializer, partial=True)
        changed = services.change_timebox(phase=phase, user=self.person, **{**days, **sent})
        return Response(PhaseSerializer(changed).data)

    @extend_schema(
        summary="Agree the scope of a delivery",
        description="From then on every change of the scope needs a reason and is recorded.",
        request=ScopeAgreeSerializer,
        responses=PhaseSerializer,
    )
    @action(detail=True, methods=["post"], url_path="agree-scope")
    def agree_scope(self, request: Request, pk: str | None = None) -> Response:
        phase = self.get_object()
        agreed = services.agree_scope(phase=phase, user=self.person, **self.sent(ScopeAgreeSerializer))
        return Response(PhaseSerializer(agreed).data)

    @extend_schema(
        summary="Burn-down of a discovery, burn-up and forecast of a delivery",
        description=(
            "Open hypotheses by day of the timebox, or items of work done and in the scope. The forecast "
            "resamples the delivery's own weeks; it is null while it cannot be made."
        ),
        responses=PhaseProgressSerializer,
    )
    @action(detail=True)
    def progress(self, request: Request, pk: str | None = None) -> Response:
        phase, today = self.get_object(), timezone.localdate()
        hypotheses = list(phase.hypotheses.order_by("number"))
        work = list(phase.deliverables.order_by("number"))
        return Response(
            PhaseProgressSerializer(
                {
                    "burn_down": burn.burn_down(phase, hypotheses, today) if hypotheses else None,
                    "burn_up": burn.burn_up(phase, work, phase.scope_changes.all(), today) if work else None,
                }
            ).data
        )


@extend_schema_view(
    list=extend_schema(summary="List hypotheses", parameters=[HypothesisFilter]),
    retrieve=extend_schema(summary="One hypothesis"),
)
@extend_schema(tags=["hypotheses"])
class HypothesisViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Hypothesis]):
    queryset = Hypothesis.objects.none()
    serializer_class = HypothesisSerializer
    filters = HypothesisFilter

    def rows(self) -> QuerySet[Hypothesis]:
        related = Hypothesis.objects.select_related("project", "phase__project", "settled_by")
        return related.order_by("project", "number")

    @extend_schema(
        summary="Add a question or a hypothesis to a discovery",
        request=HypothesisAddSerializer,
        responses={201: HypothesisSerializer},
    )
    def create(self, request: Request) -> Response:
        hypothesis = services.add_hypothesis(user=self.person, **self.sent(HypothesisAddSerializer))
        return Response(HypothesisSerializer(hypothesis).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Answer or drop it", request=HypothesisSettleSerializer, responses=HypothesisSerializer
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        hypothesis = self.get_object()
        settled = services.settle_hypothesis(
            hypothesis=hypothesis, user=self.person, **self.sent(HypothesisSettleSerializer)
        )
        return Response(HypothesisSerializer(settled).data)

    @extend_schema(summary="Open it again", request=None, responses=HypothesisSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        hypothesis = services.reopen_hypothesis(hypothesis=self.get_object(), user=self.person)
        return Response(HypothesisSerializer(hypothesis).data)


@extend_schema_view(
    list=extend_schema(summary="List deliverables", parameters=[DeliverableFilter]),
    retrieve=extend_schema(summary="One deliverable"),
)
@extend_schema(tags=["deliverables"])
class DeliverableViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Deliverable]):
    queryset = Deliverable.objects.none()
    serializer_class = DeliverableSerializer
    filters = DeliverableFilter

    def rows(self) -> QuerySet[Deliverable]:
        return Deliverable.objects.select_related("project", "phase__project").order_by("project", "number")

    @extend_schema(
        summary="Add a deliverable",
        description="Before the scope is agreed it is part of the baseline; afterwards it needs a reason.",
        request=DeliverableAddSerializer,
        responses={201: DeliverableSerializer},
    )
    def create(self, request: Request) -> Response:
        deliverable = services.add_deliverable(user=self.person, **self.sent(DeliverableAddSerializer))
        return Response(DeliverableSerializer(deliverable).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Take it out of the scope",
        request=DeliverableRemoveSerializer,
        responses=DeliverableSerializer,
    )
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        return self._done(services.remove_deliverable, DeliverableRemoveSerializer)

    @extend_schema(
        summary="Change its size", request=DeliverableResizeSerializer, responses=DeliverableSerializer
    )
    @action(detail=True, methods=["post"])
    def resize(self, request: Request, pk: str | None = None) -> Response:
        return self._done(services.resize_deliverable, DeliverableResizeSerializer)

    @extend_schema(
        summary="Mark it done", request=DeliverableFinishSerializer, responses=DeliverableSerializer
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str | None = None) -> Response:
        return self._done(services.finish_deliverable, DeliverableFinishSerializer)

    @extend_schema(summary="Mark it not done again", request=None, responses=DeliverableSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        deliverable = services.reopen_deliverable(deliverable=self.get_object(), user=self.person)
        return Response(DeliverableSerializer(deliverable).data)

    def _done(self, service: Any, form: Any) -> Response:
        deliverable = self.get_object()  # first: what one may not see is not there, whatever was sent
        changed = service(deliverable=deliverable, user=self.person, **self.sent(form))
        return Response(DeliverableSerializer(changed).data)


@extend_schema_view(
    list=extend_schema(
        summary="List the changes of agreed scopes, with who and why", parameters=[ScopeChangeFilter]
    ),
)
@extend_schema(tags=["deliverables"])
class ScopeChangeViewSet(mixins.ListModelMixin, ProjectRowsViewSet[ScopeChange]):
    queryset = ScopeChange.objects.none()
    serializer_class = ScopeChangeSerializer
    filters = ScopeChangeFilter

    def rows(self) -> QuerySet[ScopeChange]:
        return ScopeChange.objects.select_related("project", "changed_by").order_by("project", "day", "pk")
