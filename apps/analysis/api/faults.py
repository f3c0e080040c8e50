"""The suspects of a search for faults, as the list that people fill in."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, renderers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.analysis.kinds import faults
from apps.analysis.models import Analysis
from apps.analysis.suspects import MOST_LISTED, USUAL_LISTED, Suspects, list_response
from apps.projects.api.rows import Asked, CountField, OneOf, ProjectRowsViewSet


class SuspectsAsked(Asked):
    kind = OneOf(choices=list(faults.SUSPECTS), required=False, default="", help_text="Left out: all kinds.")
    count = CountField(
        required=False,
        default=USUAL_LISTED,
        min_value=1,
        max_value=MOST_LISTED,
        help_text="So many rows, the most suspicious first.",
    )


class CsvRenderer(renderers.JSONRenderer):
    """Lets a request accept the file, which is sent past it; what it renders is a problem."""

    media_type = "text/csv"
    format = "csv"


class SuspectsMixin(ProjectRowsViewSet[Analysis]):
    @extend_schema(
        summary="The suspects of a search for faults, as CSV",
        description=(
            "A list for people: fill in new_label, or drop with yes, and send it to relabellings. Rows "
            "without an answer stay as they are."
        ),
        parameters=[SuspectsAsked],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=True, methods=["get"], renderer_classes=[renderers.JSONRenderer, CsvRenderer])
    def suspects(self, request: Request, pk: str | None = None) -> HttpResponse:
        analysis = self.get_object()
        asked = self.asked(SuspectsAsked)
        if analysis.kind != faults.KEY or analysis.result is None:
            raise exceptions.NotFound
        return list_response(analysis.run.number, Suspects.of(analysis, asked["kind"]), asked["count"])
