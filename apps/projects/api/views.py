"""Projects and their members over REST."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.projects import services
from apps.projects.api.serializers import (
    MemberAddSerializer,
    MemberRoleSerializer,
    MemberSerializer,
    ProjectEditSerializer,
    ProjectSerializer,
)
from apps.projects.models import Membership, Project

_MEMBER = OpenApiParameter(
    "member", OpenApiTypes.INT, OpenApiParameter.PATH, description="Id of a membership"
)


@extend_schema_view(
    list=extend_schema(summary="List the projects that you may see"),
    retrieve=extend_schema(summary="One project"),
)
@extend_schema(tags=["projects"])
class ProjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Project]):
    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.person).order_by("name", "pk")

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    @extend_schema(summary="Make a project", responses={201: ProjectSerializer})
    def create(self, request: Request) -> Response:
        given = ProjectSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        project = services.create_project(user=self.person, **given.validated_data)
        return Response(ProjectSerializer(project).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change name, description, domain or use case",
        request=ProjectEditSerializer,
        responses=ProjectSerializer,
    )
    def partial_update(self, request: Request, slug: str | None = None) -> Response:
        project = self.get_object()
        given = ProjectEditSerializer(project, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changes = {name: getattr(project, name) for name in ProjectEditSerializer.Meta.fields}
        changes |= given.validated_data
        return Response(
            ProjectSerializer(services.edit_project(project=project, user=self.person, **changes)).data
        )

    @extend_schema(methods=["GET"], summary="List members", responses=MemberSerializer(many=True))
    @extend_schema(
        methods=["POST"],
        summary="Add a member",
        request=MemberAddSerializer,
        responses={201: MemberSerializer},
    )
    @action(detail=True, methods=["get", "post"])
    def members(self, request: Request, slug: str | None = None) -> Response:
        project = self.get_object()
        if request.method == "GET":
            members = project.memberships.select_related("user").order_by("pk")
            page = cast(list[Membership], self.paginate_queryset(cast(Any, members)))
            return self.get_paginated_response(MemberSerializer(page, many=True).data)
        given = MemberAddSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data: dict[str, Any] = given.validated_data
        membership = services.add_member(project=project, user=self.person, **data)
        return Response(MemberSerializer(membership).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        methods=["PATCH"],
        summary="Change a member's role",
        parameters=[_MEMBER],
        request=MemberRoleSerializer,
        responses=MemberSerializer,
    )
    @extend_schema(methods=["DELETE"], summary="Remove a member", parameters=[_MEMBER], responses={204: None})
    @action(detail=True, methods=["patch", "delete"], url_path=r"members/(?P<member>\d+)")
    def member(self, request: Request, slug: str | None = None, member: str = "") -> Response:
        memberships = Membership.objects.filter(project=self.get_object()).select_related("user", "project")
        membership = get_object_or_404(memberships, pk=member)
        if request.method == "DELETE":
            services.remove_member(membership=membership, user=self.person)
            return Response(status=status.HTTP_204_NO_CONTENT)
        given = MemberRoleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        role = given.validated_data["role"]
        changed = services.change_role(membership=membership, user=self.person, role=role)
        return Response(MemberSerializer(changed).data)
