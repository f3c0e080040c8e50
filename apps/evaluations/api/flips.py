"""The rows in which two runs of a comparison differ, over REST."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.compute.comparison_result import ComparisonResult
from apps.compute.messages import InputRejected, gettext_noop
from apps.evaluations.comparison_flips import flip_rows
from apps.evaluations.models import Comparison
from apps.projects.api.rows import Asked, CountField, ProjectRowsViewSet

USUAL_ROWS, MOST_ROWS = 100, 1_000


class FlipsAsked(Asked):
    first = CountField(help_text="Id of a run of the comparison.")
    second = CountField(help_text="Id of another one.")
    better = CountField(
        required=False, default=None, help_text="Only rows that this one of both has right, or is nearer to."
    )
    offset = CountField(required=False, default=0, help_text="So many rows are passed over.")
    limit = CountField(
        required=False,
        default=USUAL_ROWS,
        min_value=1,
        max_value=MOST_ROWS,
        help_text="At most so many.",
    )


class FlipRowSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    truth = serializers.JSONField()
    said = serializers.ListField(child=serializers.JSONField(), help_text="By the first run and the second.")
    surprises = serializers.ListField(
        child=serializers.FloatField(),
        help_text="What each run gave to other classes than the true one, or the size of its error.",
    )
    extra = serializers.ListField(child=serializers.CharField(allow_null=True), help_text="As named above.")


class FlipsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="So many of the rows asked for were kept.")
    differing = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="In so many of all common rows the first run is right or nearer, and the second. Of them "
        "the 5,000 with the largest change of surprise are kept.",
    )
    extra = serializers.ListField(child=serializers.CharField(), help_text="Columns that describe a row.")
    rows = FlipRowSerializer(many=True, help_text="The largest change of surprise first.")


class FlipsMixin(ProjectRowsViewSet[Comparison]):
    @extend_schema(
        summary="The rows in which two runs of a comparison differ",
        description="Rows that one run has right and the other wrong; of numbers and forecasts those that "
        "one run is nearer to.",
        parameters=[FlipsAsked],
        responses=FlipsSerializer,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def flips(self, request: Request, pk: str | None = None) -> Response:
        comparison = self.get_object()
        asked = self.asked(FlipsAsked)
        first, second, better = _places(comparison, asked)
        if not comparison.result:
            raise InputRejected("comparison_without_result", _NO_RESULT)
        result = ComparisonResult.from_json(comparison.result)
        page = {"better": better, "offset": asked["offset"], "limit": asked["limit"]}
        try:
            found = flip_rows(comparison, result, first, second, **page)
        except FileNotFoundError as error:
            raise InputRejected("rows_gone", _GONE) from error
        counts = result.flip(*sorted((first, second)))
        differing = [counts.first, counts.second] if counts else []
        answer = {
            "total": found.total,
            "differing": differing if first < second else differing[::-1],
            "extra": found.extra,
            "rows": found.rows,
        }
        return Response(FlipsSerializer(answer).data)


def _places(comparison: Comparison, asked: dict[str, Any]) -> tuple[int, int, int | None]:
    """The two runs in the order of the comparison, and the better of them. Raises ValidationError."""
    named = ("first", "second") if asked["better"] is None else ("first", "second", "better")
    strange = [name for name in named if asked[name] not in comparison.run_ids]
    if strange:
        raise serializers.ValidationError(dict.fromkeys(strange, _STRANGE))
    first, second, *better = (comparison.run_ids.index(asked[name]) for name in named)
    if first == second:
        raise serializers.ValidationError({"second": _TWICE})
    if better and better[0] not in (first, second):
        raise serializers.ValidationError({"better": _NEITHER})
    return first, second, better[0] if better else None


_STRANGE = gettext_lazy("This run is not in the comparison.")
_TWICE = gettext_lazy("Name another run than the first.")
_NEITHER = gettext_lazy("Name one of the two runs.")
_NO_RESULT = gettext_noop("The comparison has no result yet. Ask its job with ?wait=, and then again.")
_GONE = gettext_noop(
    "The rows of this comparison are not kept any more. Ask for the comparison of the same runs again."
)
