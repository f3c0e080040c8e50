"""What projects allow with their hold-outs, over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.evaluations import services
from apps.evaluations.models import MOST_LOOKS, EvaluationPolicy
from apps.projects.api.rows import (
    CountField,
    OneOf,
    ProjectField,
    ProjectFilter,
    ProjectRowsViewSet,
    ProjectSlug,
)


class PolicySerializer(serializers.ModelSerializer[EvaluationPolicy]):
    project = ProjectSlug()

    class Meta:
        model = EvaluationPolicy
        fields = ["id", "project", "leak", "most_looks"]
        read_only_fields = fields


class PolicySetSerializer(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    leak = OneOf(choices=EvaluationPolicy.Leak.choices)
    most_looks = CountField(min_value=1, max_value=MOST_LOOKS)


@extend_schema_view(
    list=extend_schema(
        summary="List hold-out policies",
        description="A project without one warns of leaks, and of more than 20 looks at a hold-out.",
        parameters=[ProjectFilter],
    ),
    retrieve=extend_schema(summary="One hold-out policy"),
)
@extend_schema(tags=["runs"])
class PolicyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[EvaluationPolicy]):
    queryset = EvaluationPolicy.objects.none()
    serializer_class = PolicySerializer

    def rows(self) -> QuerySet[EvaluationPolicy]:
        return EvaluationPolicy.objects.select_related("project").order_by("pk")

    @extend_schema(
        summary="Set the hold-out policy of a project",
        description="It holds for the runs that are evaluated from now on.",
        request=PolicySetSerializer,
        responses=PolicySerializer,
    )
    def create(self, request: Request) -> Response:
        policy = services.set_policy(user=self.person, **self.sent(PolicySetSerializer))
        return Response(PolicySerializer(policy).data)
