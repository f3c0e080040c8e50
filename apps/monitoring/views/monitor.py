"""The page of a monitor, and what its pages share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from apps.compute.figures.monitor import time_line
from apps.monitoring import lists
from apps.monitoring.forms.filters import TimeLineForm
from apps.monitoring.models import Alert, Batch, Monitor, WatchedModel
from apps.monitoring.pages.lights import answers_of
from apps.monitoring.pages.monitor import MonitorPage
from apps.monitoring.pages.time_line import series_of
from apps.monitoring.windows import rhythm_of
from apps.projects.views import ProjectMixin

SHOWN_ALERTS = 5
SHOWN_BATCHES = 8
SHOWN_LABELS = 5


class MonitorMixin(ProjectMixin):
    """Finds the monitor of the address in the project."""

    request: HttpRequest

    @cached_property
    def monitor(self) -> Monitor:
        return get_object_or_404(self.monitors(), project=self.project, number=self.kwargs["number"])

    def monitors(self) -> QuerySet[Monitor]:
        return Monitor.objects.select_related("project").defer("pooled", "learned")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "monitor": self.monitor}


class MonitorDetail(MonitorMixin, TemplateView):
    """The three questions first. ``?windows=``, ``?first=``, ``?last=``, ``?metric=`` and ``?segment=``
    choose what the time line shows. At most 25 queries, however many batches there are.
    """

    template_name = "monitoring/detail.html"

    def monitors(self) -> QuerySet[Monitor]:
        files = ("profile", "roles")
        return (
            Monitor.objects.select_related(
                "project", "reference_file", "reference_version__dataset", "created_by"
            )
            .prefetch_related("requirements", "owners")
            .defer("learned", *(f"reference_file__{name}" for name in files))
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        monitor = self.monitor
        watched = WatchedModel.objects.filter(monitor=monitor).select_related("version__model")
        models = list(watched.order_by("since", "pk"))
        checked = Batch.objects.current().filter(monitor=monitor, check_result__isnull=False)
        shown = MonitorPage(monitor, models, checked.order_by("-start").first())
        form = TimeLineForm(self.request.GET, monitor=monitor, metrics=shown.metrics, segments=shown.segments)
        series = series_of(monitor, models, form.asked(), shown.standing)
        alerts = lists.alerts_of(self.person, self.project).filter(monitor=monitor)
        return super().get_context_data(
            shown=shown,
            models=models,
            answers=answers_of(monitor),
            form=form,
            filtered=bool(form.chosen()),
            figure=time_line(series) if series else None,
            alerts=list(self._open(alerts)),
            batches=list(lists.batches_of(monitor)[:SHOWN_BATCHES]),
            uploads=list(lists.labels_of(monitor)[:SHOWN_LABELS]),
            base=self.request.build_absolute_uri("/")[:-1],
            window=rhythm_of(monitor).window_of(timezone.now()),
            **kwargs,
        )

    def _open(self, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        """Causes; what follows from them is on their pages."""
        causes = alerts.filter(resolved_at=None, parent=None).order_by("severity", "-opened_at")
        return causes[: SHOWN_ALERTS + 1]
