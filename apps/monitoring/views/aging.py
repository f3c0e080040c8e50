"""How models age, and how often to train anew."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from apps.compute.figures.aging import aging
from apps.monitoring.aging import aged_series
from apps.monitoring.views.monitor import MonitorMixin
from apps.releases.times import retraining_times

MONTH_DAYS = 30


class MonitorAging(MonitorMixin, TemplateView):
    """The loss of past and present champions by their age, and what it suggests."""

    template_name = "monitoring/aging.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        series = aged_series(self.monitor)
        return super().get_context_data(
            series=series,
            found=series.found if series else None,
            month=MONTH_DAYS * series.found.per_day if series and series.found.per_day is not None else None,
            figure=aging(series) if series else None,
            times=retraining_times(self.project),
            **kwargs,
        )
