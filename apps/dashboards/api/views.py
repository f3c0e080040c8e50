"""The portfolio, what waits for a decision, and what changed, over REST. Only reading."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.dashboards.api.serializers import (
    ChangeFilter,
    ChangeSerializer,
    PortfolioFilter,
    PortfolioRowSerializer,
    WaitingSerializer,
)
from apps.dashboards.filters import Filters, projects_of
from apps.dashboards.rows import rows_of
from apps.dashboards.trail import changes_of
from apps.dashboards.words import tell
from apps.history.models import Change
from apps.lifecycle.waiting import waiting_for
from apps.projects.models import Project


class PortfolioViewSet(viewsets.GenericViewSet[Any]):
    queryset = Project.objects.none()
    serializer_class = PortfolioRowSerializer

    @extend_schema(
        summary="The portfolio",
        description="A row for each project that you may see: phases, verdicts, money, last activity.",
        parameters=[PortfolioFilter],
        responses=PortfolioRowSerializer(many=True),
        tags=["portfolio"],
    )
    def list(self, request: Request) -> Response:
        given = PortfolioFilter(data=request.query_params)
        given.is_valid(raise_exception=True)
        today = timezone.localdate()
        chosen = projects_of(cast(User, request.user), Filters.of(given.validated_data), today)
        page = _page(self, chosen)
        rows = cast(Any, rows_of(page, today))
        return self.get_paginated_response(PortfolioRowSerializer(rows, many=True).data)


class WaitingViewSet(viewsets.GenericViewSet[Any]):
    queryset = Project.objects.none()
    serializer_class = WaitingSerializer

    @extend_schema(
        summary="What waits for your decision",
        description="Over all projects that you manage, the most urgent first.",
        responses=WaitingSerializer(many=True),
        tags=["portfolio"],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(cast(Any, waiting_for(cast(User, request.user))))
        return self.get_paginated_response(WaitingSerializer(cast(Any, page), many=True).data)


class ChangeViewSet(viewsets.GenericViewSet[Any]):
    queryset = Change.objects.none()
    serializer_class = ChangeSerializer

    @extend_schema(
        summary="What changed",
        description="The audit trail of one project or of all that you may see, the newest first.",
        parameters=[ChangeFilter],
        responses=ChangeSerializer(many=True),
        tags=["portfolio"],
    )
    def list(self, request: Request) -> Response:
        given = ChangeFilter(data=request.query_params)
        given.is_valid(raise_exception=True)
        person, slug = cast(User, request.user), given.validated_data.get("project")
        project = get_object_or_404(Project.objects.visible_to(person), slug=slug) if slug else None
        page = _page(self, changes_of(person, given.moment(), project))
        return self.get_paginated_response(ChangeSerializer(tell(page), many=True).data)


def _page(view: viewsets.GenericViewSet[Any], rows: QuerySet[Any]) -> list[Any]:
    return list(cast("list[Model]", view.paginate_queryset(rows)))
