"""Pages that explain the metrics, for everybody who is signed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.generic import TemplateView

from apps.accounts.models import User
from apps.compute.metrics.intervals import interval_words
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.compute.value import VALUE_PER_YEAR
from apps.evaluations.models import MetricValue, Run

SHOWN_RUNS = 10
#: Every metric that has a page, by its key.
EXPLAINED = {**METRICS, VALUE_PER_YEAR.key: VALUE_PER_YEAR}

NEEDS = {
    "labels": gettext_noop("the true and the predicted value of each row"),
    "probability": gettext_noop("the true value of each row and a probability or score"),
    "quantiles": gettext_noop("the true value of each row and predicted quantiles"),
    "interval": gettext_noop("the true value of each row and a predicted interval"),
    "latency": gettext_noop("a column with the latency of each prediction in milliseconds"),
    "std": gettext_noop("the true value of each row and a predicted standard deviation"),
    "protocol": gettext_noop("a protocol that is run as an analysis of the run"),
}
UNITS = {
    "share": gettext_noop("a share, shown in percent"),
    "score": gettext_noop("a plain number"),
    "count": gettext_noop("a number of things"),
    "target": gettext_noop("the unit of what is predicted"),
    "ms": gettext_noop("milliseconds"),
    "ratio": gettext_noop("a multiple"),
    "per_second": gettext_noop("per second"),
    "money": gettext_noop("money, in the currency of the project"),
}


class MetricList(LoginRequiredMixin, TemplateView):
    """All metrics by what they are for, or those that hold the words of ``?q=``."""

    template_name = "evaluations/metrics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET.get("q", "").strip()[:200]
        found = [metric for metric in EXPLAINED.values() if _speaks_of(metric, words)]
        return super().get_context_data(
            sections=_sections(found), words=words, found=len(found), total=len(EXPLAINED), **kwargs
        )


def _speaks_of(metric: Metric, words: str) -> bool:
    text = " ".join(
        (metric.key, _(metric.label), _(metric.description), _(metric.meaning) if metric.meaning else "")
    )
    return all(word in text.casefold() for word in words.casefold().split())


def _sections(metrics: Iterable[Metric]) -> list[tuple[str, list[Metric]]]:
    """The metrics below the heading of what they are for, in the order of the registry."""
    sections: dict[str, list[Metric]] = {}
    for metric in metrics:
        sections.setdefault(_heading(metric), []).append(metric)
    return list(sections.items())


def _heading(metric: Metric) -> str:
    if metric is VALUE_PER_YEAR:
        return _("Money")
    if "latency" in metric.needs:
        return _("Speed, of every task")
    if "protocol" in metric.needs:
        return _("Protocols of evaluation under distribution shift")
    if metric.of_groups:
        return _("Fairness between groups")
    return _tasks(metric)


def _tasks(metric: Metric) -> str:
    if len(metric.tasks) == len(Task):
        return _("Every task")
    return ", ".join(_(kind.label) for task, kind in TASK_KINDS.items() if task in metric.tasks) or _(
        "Protocols"
    )


class MetricDetail(LoginRequiredMixin, TemplateView):
    """One metric in plain words, and the newest runs of the reader's projects that have it."""

    template_name = "evaluations/metric.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        metric = EXPLAINED.get(self.kwargs["metric"])
        if metric is None:
            raise Http404
        return {
            **super().get_context_data(**kwargs),
            "metric": metric,
            "label": _(metric.label),
            "tasks": _tasks(metric),
            "needs": [_(NEEDS[need]) for need in sorted(metric.needs) if need in NEEDS],
            "unit": _(UNITS.get(metric.unit, metric.unit)),
            "interval": _(interval_words(metric)),
            "runs": _runs_with(metric, cast(User, self.request.user)),
        }


def _runs_with(metric: Metric, user: User) -> list[tuple[Run, MetricValue]]:
    """The newest runs that the user may see and that have the metric over all rows."""
    overall = MetricValue.objects.filter(metric=metric.key, slice_column="")
    runs = (
        Run.objects.visible_to(user)
        .filter(Exists(overall.filter(run=OuterRef("pk"))))
        .select_related("project")
        .only("number", "name", "project__slug", "project__name", "created_at")
        .prefetch_related(Prefetch("values", overall, to_attr="of_metric"))
        .order_by("-pk")[:SHOWN_RUNS]
    )
    return [(run, run.of_metric[0]) for run in runs]
