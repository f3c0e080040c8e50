"""What the API says of many projects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.formats import message
from apps.dashboards.filters import HEALTH, PHASES, SORTS, Filters
from apps.dashboards.rows import Row
from apps.lifecycle.waiting import Waiting
from apps.projects.models import UseCase

_DESCENDING = ("-name", "-attention", "activity", "value")


class PortfolioFilter(serializers.Serializer[Filters]):
    """Query of the portfolio: the same as the page's."""

    q = serializers.CharField(required=False, max_length=200, help_text="In name, description, domain, owner")
    phase = serializers.ChoiceField(required=False, choices=list(PHASES))
    health = serializers.ChoiceField(required=False, choices=list(HEALTH))
    use_case = serializers.ChoiceField(required=False, choices=UseCase.choices)
    sort = serializers.ChoiceField(required=False, choices=[*SORTS, *_DESCENDING])


class OpenPhaseSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    started_on = serializers.DateField()


class WorthSerializer(serializers.Serializer[Any]):
    """Money per year, with a 95 % interval."""

    currency = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    hoped = serializers.FloatField(allow_null=True)


class StatesSerializer(serializers.Serializer[Any]):
    confirmed = serializers.IntegerField()
    contradicting = serializers.IntegerField()
    refuted = serializers.IntegerField()
    unverified = serializers.IntegerField()


class PortfolioRowSerializer(serializers.Serializer[Row]):
    project = serializers.SlugField(source="project.slug")
    name = serializers.CharField(source="project.name")
    domain = serializers.CharField(source="project.domain")
    use_case = serializers.CharField(source="project.use_case")
    owner = serializers.CharField(source="project.owner", allow_null=True)
    attention = serializers.IntegerField(
        source="project.attention",
        help_text="0 a decision is needed, 1 something is refuted or contradicted, 2 something is not "
        "verified, 3 nothing to judge yet, 4 all confirmed",
    )
    phases = OpenPhaseSerializer(many=True, source="chips")
    progress = serializers.CharField(source="progress.words", allow_null=True, default=None)
    requirements = StatesSerializer(source="bar.counts")
    value_per_year = WorthSerializer(source="worth")
    last_activity = serializers.DateTimeField(source="activity", allow_null=True)


class WaitingSerializer(serializers.Serializer[Waiting]):
    kind = serializers.CharField(help_text="second_person, timebox, conflict, waiver or gate")
    project = serializers.SlugField(source="project.slug")
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    since = serializers.DateTimeField()
    urgent = serializers.BooleanField()
    page = serializers.SerializerMethodField(help_text="Where it is decided")

    def get_title(self, waiting: Waiting) -> str:
        return message(waiting.title)

    def get_text(self, waiting: Waiting) -> str:
        return message(waiting.text)

    def get_page(self, waiting: Waiting) -> str:
        return reverse(waiting.url_name, args=waiting.url_args)


class ChangeFilter(serializers.Serializer[Any]):
    """Without ``since`` the last seven days."""

    since = serializers.DateTimeField(required=False)
    project = serializers.SlugField(required=False)

    def moment(self) -> datetime:
        given: datetime = self.validated_data.get("since") or timezone.now() - timedelta(days=7)
        return given


class ChangeSerializer(serializers.Serializer[Any]):
    """A row of the audit trail; ``old`` and ``new`` are columns as the database holds them."""

    at = serializers.DateTimeField(source="change.at")
    project = serializers.SlugField(source="project.slug", allow_null=True, default=None)
    actor = serializers.CharField()
    operation = serializers.ChoiceField(source="change.operation", choices=["INSERT", "UPDATE", "DELETE"])
    table = serializers.CharField(source="change.table")
    object_id = serializers.CharField(source="change.object_id")
    name = serializers.CharField()
    old = serializers.SerializerMethodField()
    new = serializers.SerializerMethodField()

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_old(self, told: Any) -> Any:
        return told.change.old

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_new(self, told: Any) -> Any:
        return told.change.new
