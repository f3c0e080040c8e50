"""Jobs over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.translate import translate
from apps.jobs.models import Job, State
from apps.jobs.waiting import LONGEST_SECONDS


class JobErrorSerializer(serializers.Serializer[Any]):
    """Why a job failed. ``column`` and ``row`` (counted from 1, without the header) point into the file."""

    code = serializers.CharField()
    detail = serializers.CharField()
    column = serializers.CharField(allow_null=True)
    row = serializers.IntegerField(allow_null=True)
    reference = serializers.CharField(help_text="Number of an error on our side; empty otherwise.")


class JobSerializer(serializers.ModelSerializer[Job]):
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    progress = serializers.FloatField(read_only=True, help_text="Share that is done, 0 to 1.")
    progress_message = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    queue_seconds = serializers.SerializerMethodField()
    run_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id",
            "project",
            "title",
            "queue",
            "state",
            "attempts",
            "max_attempts",
            "cancel_requested",
            "progress",
            "progress_message",
            "error",
            "created_at",
            "queued_at",
            "started_at",
            "finished_at",
            "queue_seconds",
            "run_seconds",
        ]
        read_only_fields = fields

    def get_progress_message(self, job: Job) -> str:
        return translate(job.progress_message)

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, Any] | None:
        if job.error is None:
            return None
        return {
            "code": job.error["code"],
            "detail": translate(job.error["message"]),
            "column": job.error["column"],
            "row": job.error["row"],
            "reference": job.error_reference,
        }

    def get_queue_seconds(self, job: Job) -> float:
        return job.queue_time.total_seconds()

    def get_run_seconds(self, job: Job) -> float | None:
        return None if job.run_time is None else job.run_time.total_seconds()


class JobFilterSerializer(serializers.Serializer[Any]):
    """Query parameters of the list."""

    project = serializers.SlugField(required=False)
    state = serializers.ChoiceField(choices=State.choices, required=False)


class WaitSerializer(serializers.Serializer[Any]):
    """Query parameters of one job."""

    wait = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        help_text=f"Seconds to wait for the end of the job, at most {LONGEST_SECONDS}.",
    )


def wait_seconds(query: QueryDict) -> int:
    """The value of ``?wait=``; raises a ValidationError that names the field."""
    given = WaitSerializer(data=query)
    given.is_valid(raise_exception=True)
    seconds: int = given.validated_data["wait"]
    return seconds


class IdempotencySerializer(serializers.Serializer[Any]):
    """The header as the database keeps it. A longer key is refused: cut off, two keys would be one."""

    idempotency_key = serializers.CharField(max_length=255, allow_blank=True)


def idempotency_key(headers: Mapping[str, str]) -> str:
    """The value of ``Idempotency-Key``, "" without it; raises a ValidationError that names the field."""
    given = IdempotencySerializer(data={"idempotency_key": headers.get("Idempotency-Key", "")})
    given.is_valid(raise_exception=True)
    key: str = given.validated_data["idempotency_key"]
    return key
