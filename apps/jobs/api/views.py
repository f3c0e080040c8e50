"""Jobs over REST."""

from __future__ import annotations

from typing import cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.jobs import services
from apps.jobs.api.serializers import JobFilterSerializer, JobSerializer, WaitSerializer, wait_seconds
from apps.jobs.models import Job
from apps.jobs.waiting import wait_until_ended


@extend_schema(tags=["jobs"])
class JobViewSet(viewsets.GenericViewSet[Job]):
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.person).select_related("project")

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    @extend_schema(summary="List jobs, newest first", parameters=[JobFilterSerializer])
    def list(self, request: Request) -> Response:
        given = JobFilterSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        names = {"project": "project__slug", "state": "state"}
        wanted = {names[name]: value for name, value in given.validated_data.items()}
        page = self.paginate_queryset(self.get_queryset().filter(**wanted))
        return self.get_paginated_response(JobSerializer(page, many=True).data)

    @extend_schema(summary="One job; with ?wait= answers when it has ended", parameters=[WaitSerializer])
    def retrieve(self, request: Request, pk: str) -> Response:
        seconds = wait_seconds(request.query_params)
        job = self.get_object()
        if seconds and not job.ended:
            wait_until_ended(job.pk, seconds)
            job = self.get_object()
        return Response(JobSerializer(job).data)

    @extend_schema(
        summary="Cancel a job that has not ended",
        description="A running job stops a moment later. A job that has ended stays as it is.",
        request=None,
        responses=JobSerializer,
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return Response(JobSerializer(services.cancel_job(job=self.get_object(), user=self.person)).data)

    @extend_schema(
        summary="Run a failed or cancelled job again",
        description="A job that is under way stays as it is.",
        request=None,
        responses=JobSerializer,
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        return Response(JobSerializer(services.retry_job(job=self.get_object(), user=self.person)).data)
