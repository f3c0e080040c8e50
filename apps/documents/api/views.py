"""The design document and its architecture decisions over REST."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.documents import exports, services
from apps.documents.api.serializers import (
    ArchitectureDecisionSerializer,
    DecisionWriteSerializer,
    DocumentSerializer,
    SectionChangeSerializer,
    SectionWriteSerializer,
    SettleSerializer,
    SupersedeSerializer,
    VersionSerializer,
)
from apps.documents.difference import Mark, SectionChange, compare
from apps.documents.models import ArchitectureDecision, DocumentVersion
from apps.documents.reading import read_document
from apps.projects.models import Project

_SIGNS = {Mark.ADDED: "+", Mark.REMOVED: "-", Mark.SAME: " "}
_NUMBER = OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of a version")
_SECTION = OpenApiParameter(
    "section", OpenApiTypes.STR, OpenApiParameter.PATH, description="Key of a section"
)


def _person(request: Request) -> User:
    return cast(User, request.user)


@extend_schema(tags=["documents"])
class DocumentViewSet(viewsets.GenericViewSet[Project]):
    """One document a project, found by the project's short name."""

    queryset = Project.objects.none()
    serializer_class = DocumentSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(_person(self.request))

    @extend_schema(summary="The newest version of a design document", responses=DocumentSerializer)
    def retrieve(self, request: Request, slug: str | None = None) -> Response:
        project = self.get_object()
        return Response(_document(project, services.newest_version(project)))

    @extend_schema(summary="Versions, the newest first", responses=VersionSerializer(many=True))
    @action(detail=True)
    def versions(self, request: Request, slug: str | None = None) -> Response:
        versions = _versions(self.get_object()).defer("sections", "not_needed")
        page = cast(list[DocumentVersion], self.paginate_queryset(cast(Any, versions)))
        return self.get_paginated_response(VersionSerializer(page, many=True).data)

    @extend_schema(summary="One version", parameters=[_NUMBER], responses=DocumentSerializer)
    @action(detail=True, url_path=r"versions/(?P<number>\d{1,9})")
    def version(self, request: Request, slug: str | None = None, number: str = "") -> Response:
        project = self.get_object()
        return Response(_document(project, get_object_or_404(_versions(project), number=int(number))))

    @extend_schema(
        summary="Write a section, or say why it is not needed",
        parameters=[_SECTION],
        request=SectionWriteSerializer,
        responses=DocumentSerializer,
    )
    @action(detail=True, methods=["put"], url_path=r"sections/(?P<section>[\w-]+)")
    def section(self, request: Request, slug: str | None = None, section: str = "") -> Response:
        project = self.get_object()
        given = SectionWriteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        who: dict[str, Any] = {"project": project, "user": _person(request), "key": section}
        if "text" in data:
            services.save_section(**who, text=data["text"], based_on=data["based_on"], note=data["note"])
        else:
            services.mark_not_needed(**who, reason=data["not_needed"], based_on=data["based_on"])
        return Response(_document(project, services.newest_version(project)))

    @extend_schema(
        summary="What differs between two versions",
        parameters=[
            OpenApiParameter("old", OpenApiTypes.INT, description="0: before the first; the one before new"),
            OpenApiParameter("new", OpenApiTypes.INT, description="The newest, if left out"),
        ],
        responses=SectionChangeSerializer(many=True),
    )
    @action(detail=True, pagination_class=None)
    def difference(self, request: Request, slug: str | None = None) -> Response:
        project = self.get_object()
        newest = services.newest_version(project)
        new = _numbered(project, request.query_params.get("new", newest.number if newest else 0))
        before = max(0, new.number - 1) if new else 0
        old = _numbered(project, request.query_params.get("old", before))
        return Response([_change(change) for change in compare(old, new)])

    @extend_schema(
        summary="The document as Markdown, references in words",
        responses={(200, "text/markdown"): OpenApiTypes.STR},
    )
    @action(detail=True)
    def markdown(self, request: Request, slug: str | None = None) -> HttpResponse:
        project = self.get_object()
        text = exports.to_markdown(project, services.newest_version(project))
        return HttpResponse(text, content_type="text/markdown; charset=utf-8")


def _versions(project: Project) -> QuerySet[DocumentVersion]:
    return DocumentVersion.objects.filter(project=project).select_related("author")


def _numbered(project: Project, number: str | int) -> DocumentVersion | None:
    """The version of a number; 0 is the empty document before the first."""
    digits = str(number)
    if not digits.isdecimal() or len(digits) > 9:
        raise Http404
    return get_object_or_404(_versions(project), number=int(digits)) if int(digits) else None


def _document(project: Project, version: DocumentVersion | None) -> dict[str, Any]:
    document = read_document(project, version)
    return {
        "project": project.slug,
        "version": VersionSerializer(version).data if version else None,
        "sections": [
            {
                "key": reading.section.key,
                "title": reading.title,
                "state": reading.state,
                "text": reading.text,
                "not_needed": reading.why_not,
                "questions": [
                    {"title": gettext(q.title), "ask": gettext(q.ask), "answered": is_answered}
                    for q, is_answered in reading.questions
                ],
            }
            for reading in document.sections
        ],
        "references": [
            {name: getattr(reference, name) for name in ("code", "title", "state", "value", "day", "url")}
            for reference in document.references
        ],
    }


def _change(change: SectionChange) -> dict[str, Any]:
    lines = [
        _SIGNS[line.mark] + "".join(words for words, _differs in line.parts)
        for line in change.lines
        if line.mark in _SIGNS
    ]
    return {
        "section": change.section.key,
        "added": change.added,
        "removed": change.removed,
        "lines": lines,
        "not_needed": {"before": change.why_before, "after": change.why_after},
    }


@extend_schema_view(
    list=extend_schema(
        summary="List architecture decisions",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.STR, description="Short name of a project"),
            OpenApiParameter("state", OpenApiTypes.STR, enum=ArchitectureDecision.State.values),
        ],
    ),
    retrieve=extend_schema(summary="One architecture decision"),
)
@extend_schema(tags=["documents"])
class ArchitectureDecisionViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ArchitectureDecision]
):
    queryset = ArchitectureDecision.objects.none()
    serializer_class = ArchitectureDecisionSerializer

    def get_queryset(self) -> QuerySet[ArchitectureDecision]:
        rows: QuerySet[ArchitectureDecision] = ArchitectureDecision.objects.get_queryset()
        rows = rows.filter(project__in=Project.objects.visible_to(_person(self.request)))
        for name, path in (("project", "project__slug"), ("state", "state")):
            if value := self.request.query_params.get(name):
                rows = rows.filter(**{path: value})
        return rows.select_related("project", "author", "settled_by", "superseded_by").order_by(
            "project__slug", "number"
        )

    @extend_schema(
        summary="Propose a decision",
        request=DecisionWriteSerializer,
        responses={201: ArchitectureDecisionSerializer},
    )
    def create(self, request: Request) -> Response:
        given = DecisionWriteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        visible = Project.objects.visible_to(_person(request))
        decision = services.add_architecture_decision(
            project=get_object_or_404(visible, slug=data.pop("project")),
            user=_person(request),
            fields=services.DecisionFields(**data),
        )
        return Response(ArchitectureDecisionSerializer(decision).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Accept or reject a proposed decision",
        request=SettleSerializer,
        responses=ArchitectureDecisionSerializer,
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        decision = self.get_object()
        given = SettleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        settled = services.settle_architecture_decision(
            decision=decision, user=_person(request), state=given.validated_data["state"]
        )
        return Response(ArchitectureDecisionSerializer(settled).data)

    @extend_schema(
        summary="Let another decision take its place",
        request=SupersedeSerializer,
        responses=ArchitectureDecisionSerializer,
    )
    @action(detail=True, methods=["post"])
    def supersede(self, request: Request, pk: str | None = None) -> Response:
        decision = self.get_object()
        given = SupersedeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        done = services.supersede_architecture_decision(
            decision=decision, user=_person(request), by=given.validated_data["by"]
        )
        return Response(ArchitectureDecisionSerializer(done).data)
