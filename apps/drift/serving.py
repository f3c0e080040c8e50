"""Evidently's page of a report, as a download and inside a frame.

It is the only markup in the portal that others wrote. In the frame it has an origin of its own, without
cookies, storage or a way to the page around it (``sandbox``); what it may load is in the page itself
(`safe_html`), so the header only repeats it.
"""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import View

from apps.datasets import storage
from apps.drift.models import EvidentlyReport
from apps.projects.views import ProjectMixin

#: Of the frame. Its scripts are inline, and their hashes stand in the page.
FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "font-src data:; img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def page_of(made: EvidentlyReport, *, attached: bool) -> FileResponse:
    """The stored page; 404 while there is none."""
    path = storage.page_path(made.sha256)
    if not made.sha256 or not path.exists():
        raise Http404(_("Evidently's page has not been made yet."))
    response = FileResponse(
        path.open("rb"),
        as_attachment=attached,
        filename=f"drift-{made.report.number}-evidently.html",
        content_type="text/html; charset=utf-8",
    )
    response["Content-Security-Policy"] = FRAME_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class EvidentlyHtml(ProjectMixin, View):
    """The page of the report with this ``number``; as a file where the route says ``attached``."""

    attached = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pages = EvidentlyReport.objects.select_related("report").filter(report__project=self.project)
        return page_of(get_object_or_404(pages, report__number=self.kwargs["number"]), attached=self.attached)
