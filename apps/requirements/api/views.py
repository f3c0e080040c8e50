"""Stakeholders, requirements and the money of a project over REST."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.projects.api.rows import ProjectAsked, ProjectFilter, ProjectRowsViewSet
from apps.requirements import reading, services
from apps.requirements.api.inputs import (
    ApproveSerializer,
    EvidenceRecordSerializer,
    RequirementAddSerializer,
    RequirementChangeSerializer,
    RequirementFilter,
    StakeholderAddSerializer,
    StakeholderFieldsSerializer,
    StanceSerializer,
    ValueCaseSetSerializer,
    WaiverGrantSerializer,
    WithdrawSerializer,
)
from apps.requirements.api.money import ValueCaseSerializer
from apps.requirements.api.serializers import (
    EvidenceSerializer,
    MatrixSerializer,
    RequirementSerializer,
    RequirementVersionSerializer,
    StakeholderSerializer,
    VerdictSerializer,
    WaiverSerializer,
)
from apps.requirements.models import (
    Evidence,
    Requirement,
    Stakeholder,
    Stance,
    ValueCase,
    Verdict,
    Waiver,
)
from apps.requirements.services.wishes import current_version

_WAIVER = OpenApiParameter("waiver", OpenApiTypes.INT, OpenApiParameter.PATH, description="Id of a waiver")


@extend_schema_view(
    list=extend_schema(summary="List stakeholders", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One stakeholder"),
)
@extend_schema(tags=["stakeholders"])
class StakeholderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Stakeholder]):
    queryset = Stakeholder.objects.none()
    serializer_class = StakeholderSerializer

    def rows(self) -> QuerySet[Stakeholder]:
        return Stakeholder.objects.select_related("project").order_by("-influence", "name", "pk")

    @extend_schema(
        summary="Add a stakeholder",
        request=StakeholderAddSerializer,
        responses={201: StakeholderSerializer},
    )
    def create(self, request: Request) -> Response:
        sent = self.sent(StakeholderAddSerializer)
        stakeholder = services.add_stakeholder(
            project=sent.pop("project"), user=self.person, fields=services.StakeholderFields(**sent)
        )
        return Response(StakeholderSerializer(stakeholder).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change a stakeholder",
        request=StakeholderFieldsSerializer,
        responses=StakeholderSerializer,
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        stakeholder = self.get_object()
        sent = self.sent(StakeholderFieldsSerializer, partial=True)
        names = StakeholderFieldsSerializer.Meta.fields
        fields = {name: getattr(stakeholder, name) for name in names} | sent
        changed = services.edit_stakeholder(
            stakeholder=stakeholder, user=self.person, fields=services.StakeholderFields(**fields)
        )
        return Response(StakeholderSerializer(changed).data)

    @extend_schema(
        summary="Delete a stakeholder",
        description="Refused while requirements hang on them: the answer names which.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        services.delete_stakeholder(stakeholder=self.get_object(), user=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    list=extend_schema(summary="List requirements with their verdicts", parameters=[RequirementFilter]),
    retrieve=extend_schema(summary="One requirement with its version and verdict in force"),
)
@extend_schema(tags=["requirements"])
class RequirementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[Requirement]):
    queryset = Requirement.objects.none()
    serializer_class = RequirementSerializer
    filters = RequirementFilter

    def rows(self) -> QuerySet[Requirement]:
        verdicts = Verdict.objects.select_related("version", "run").defer("run__result")
        return (
            Requirement.objects.select_related("project", "current__author")
            .prefetch_related(
                Prefetch("verdicts", verdicts.filter(until=None)),
                Prefetch("stances", Stance.objects.select_related("stakeholder").order_by("pk")),
            )
            .order_by("project", "number")
        )

    def _shown(self, requirement: Requirement, status: int = status.HTTP_200_OK) -> Response:
        """As it stands now: the service may have judged it anew."""
        return Response(RequirementSerializer(self.rows().get(pk=requirement.pk)).data, status=status)

    def _page(self, rows: QuerySet[Any], serializer: Any) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        summary="Write down a requirement",
        description="A target is a metric, a comparison and a limit; without them people record evidence.",
        request=RequirementAddSerializer,
        responses={201: RequirementSerializer},
    )
    def create(self, request: Request) -> Response:
        sent = self.sent(RequirementAddSerializer)
        requirement = services.add_requirement(
            project=sent.pop("project"),
            user=self.person,
            asked_by=sent.pop("asked_by"),
            asked_on=sent.pop("asked_on"),
            fields=services.RequirementFields(**sent),
        )
        return self._shown(requirement, status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change a requirement: a new version with a reason",
        description=(
            "What is left out stays. Send the number of the version that you read as based_on: when somebody "
            "changed the requirement since, the answer is 409 and nothing is written."
        ),
        request=RequirementChangeSerializer,
        responses=RequirementSerializer,
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        requirement = self.get_object()
        sent = self.sent(RequirementChangeSerializer, partial=True)
        read = current_version(requirement)  # the rest is taken from it, so nobody may have changed it since
        reason, based_on = sent.pop("reason", ""), sent.pop("based_on", read.number)
        services.change_requirement(
            requirement=requirement,
            user=self.person,
            fields=replace(services.RequirementFields.of(read), **sent),
            reason=reason,
            based_on=based_on,
        )
        return self._shown(requirement)

    @extend_schema(
        summary="Withdraw a requirement", request=WithdrawSerializer, responses=RequirementSerializer
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        requirement = self.get_object()
        services.withdraw_requirement(
            requirement=requirement, user=self.person, **self.sent(WithdrawSerializer)
        )
        return self._shown(requirement)

    @extend_schema(summary="All versions, newest first", responses=RequirementVersionSerializer(many=True))
    @action(detail=True)
    def versions(self, request: Request, pk: str | None = None) -> Response:
        return self._page(self.get_object().versions.select_related("author"), RequirementVersionSerializer)

    @extend_schema(summary="All verdicts, newest first", responses=VerdictSerializer(many=True))
    @action(detail=True)
    def verdicts(self, request: Request, pk: str | None = None) -> Response:
        verdicts = Verdict.objects.filter(requirement=self.get_object())
        return self._page(verdicts.select_related("version", "run").defer("run__result"), VerdictSerializer)

    @extend_schema(methods=["GET"], summary="List evidence", responses=EvidenceSerializer(many=True))
    @extend_schema(
        methods=["POST"],
        summary="Record evidence",
        description="For requirements that no run can measure. The verdict follows from it.",
        request=EvidenceRecordSerializer,
        responses={201: EvidenceSerializer},
    )
    @action(detail=True, methods=["get", "post"])
    def evidence(self, request: Request, pk: str | None = None) -> Response:
        requirement = self.get_object()
        if request.method == "GET":
            evidence = Evidence.objects.filter(requirement=requirement)
            return self._page(evidence.select_related("version", "recorded_by"), EvidenceSerializer)
        recorded = services.record_evidence(
            requirement=requirement,
            user=self.person,
            fields=services.EvidenceFields(**self.sent(EvidenceRecordSerializer)),
        )
        return Response(EvidenceSerializer(recorded).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["GET"], summary="List waivers", responses=WaiverSerializer(many=True))
    @extend_schema(
        methods=["POST"],
        summary="Grant a waiver",
        description="A gate may do without the requirement until the waiver expires.",
        request=WaiverGrantSerializer,
        responses={201: WaiverSerializer},
    )
    @action(detail=True, methods=["get", "post"])
    def waivers(self, request: Request, pk: str | None = None) -> Response:
        requirement = self.get_object()
        if request.method == "GET":
            waivers = Waiver.objects.filter(requirement=requirement)
            return self._page(waivers.select_related("owner", "granted_by"), WaiverSerializer)
        sent = self.sent(WaiverGrantSerializer)
        waiver = services.grant_waiver(
            requirement=requirement, user=self.person, **{"owner": self.person, **sent}
        )
        return Response(WaiverSerializer(waiver).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Take a waiver back", parameters=[_WAIVER], request=None, responses=WaiverSerializer
    )
    @action(detail=True, methods=["post"], url_path=r"waivers/(?P<waiver>\d+)/revoke")
    def revoke_waiver(self, request: Request, pk: str | None = None, waiver: str = "") -> Response:
        waivers = Waiver.objects.filter(requirement=self.get_object()).select_related("project")
        revoked = services.revoke_waiver(waiver=get_object_or_404(waivers, pk=waiver), user=self.person)
        return Response(WaiverSerializer(revoked).data)

    @extend_schema(
        summary="Who asked for, supports or opposes what",
        parameters=[ProjectAsked],
        responses=MatrixSerializer,
    )
    @action(detail=False, pagination_class=None)
    def matrix(self, request: Request) -> Response:
        return Response(MatrixSerializer(reading.matrix(**self.asked(ProjectAsked))).data)

    @extend_schema(
        summary="Say how a stakeholder stands to it",
        request=StanceSerializer,
        responses=RequirementSerializer,
    )
    @action(detail=True, methods=["put"])
    def stance(self, request: Request, pk: str | None = None) -> Response:
        requirement = self.get_object()
        services.set_stance(requirement=requirement, user=self.person, **self.sent(StanceSerializer))
        return self._shown(requirement)


@extend_schema_view(
    list=extend_schema(
        summary="List the versions of price lists, the newest first", parameters=[ProjectFilter]
    ),
    retrieve=extend_schema(summary="One version of a price list"),
)
@extend_schema(tags=["value cases"])
class ValueCaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[ValueCase]):
    queryset = ValueCase.objects.none()
    serializer_class = ValueCaseSerializer

    def rows(self) -> QuerySet[ValueCase]:
        cases = ValueCase.objects.marked().select_related("project", "author", "approval__approver")
        return cases.order_by("project", "-number")

    @extend_schema(
        summary="Write a new version of the price list",
        request=ValueCaseSetSerializer,
        responses={201: ValueCaseSerializer},
    )
    def create(self, request: Request) -> Response:
        sent = self.sent(ValueCaseSetSerializer)
        case = services.set_value_case(
            project=sent.pop("project"),
            user=self.person,
            reason=sent.pop("reason", ""),
            fields=services.ValueFields(**sent),
        )
        return Response(self._shown(case), status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Approve the newest version of the price list",
        description="By an owner or manager other than its author. From then on these prices count.",
        request=ApproveSerializer,
        responses=ValueCaseSerializer,
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        case = self.get_object()
        services.approve_value_case(case=case, user=self.person, **self.sent(ApproveSerializer))
        return Response(self._shown(case))

    def _shown(self, case: ValueCase) -> Any:
        return ValueCaseSerializer(self.rows().get(pk=case.pk)).data
