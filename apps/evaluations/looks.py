"""How often a hold-out was looked at, by whom and with what, and what its numbers still say.

A hold-out is known by its content: that of the truth file, or of the run's own file where that carries the
truth. A look is a finished evaluation of predictions that were not judged on it before: the same file judged
twice tells nothing new. Baselines without machine learning are counted apart. What wears a hold-out out is
choosing among models by what they reached on it; a baseline is what they have to beat and is not chosen so.

With k looks the interval of one run is too narrow for the run that was chosen because it came out best. At
confidence 1 - 0.05 / k all k intervals hold at once with 95 % (Bonferroni), whichever of them is picked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet

from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import MetricResult
from apps.compute.verdicts import Estimate, Scale, bounds_at
from apps.evaluations.models import EvaluationPolicy, MetricValue, Model, Run
from apps.projects.models import Project

SHOWN = 10
_IS_BASELINE = Q(model_version__model__kind=Model.Kind.BASELINE)
_LOOKS = Count("file__sha256", distinct=True, filter=~_IS_BASELINE)
_OF_BASELINES = Count("file__sha256", distinct=True, filter=_IS_BASELINE)


@dataclass(frozen=True, slots=True)
class By:
    """The looks of one person or one model; ``name`` is empty for runs without a model."""

    name: str
    looks: int
    last: datetime
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """A metric with its usual 95 % interval and the one that holds for all looks at once."""

    metric: Metric
    usual: MetricResult
    result: MetricResult


@dataclass(frozen=True, slots=True)
class Looks:
    """``count`` looks by models, ``baselines`` looks by baselines, the first and the last of them; ``most``
    is what the project allows before it warns. ``newest`` are runs, the newest first.
    """

    count: int
    baselines: int
    first: datetime | None
    last: datetime | None
    most: int
    models: Sequence[By]
    people: Sequence[By]
    newest: Sequence[Run]

    @property
    def worn_out(self) -> bool:
        return self.count > self.most

    @property
    def level(self) -> float:
        """The confidence of one interval at which those of all looks hold together at 95 %."""
        return 1 - 0.05 / max(1, self.count)

    def corrected(self, result: MetricResult) -> MetricResult | None:
        """``result`` with the interval that holds for all looks; None where it has no interval."""
        metric = METRICS.get(result.key)
        if metric is None or result.value is None or result.low is None or result.high is None:
            return None
        estimate = Estimate(result.value, result.low, result.high, result.n)
        low, high = bounds_at(estimate, self.level, Scale(metric.low, metric.high))
        return MetricResult(result.key, result.value, low, high, result.n, result.method)


def content_of(run: Run) -> str:
    """SHA-256 of the hold-out that the run was judged on."""
    return run.truth.sha256 if run.truth is not None else run.file.sha256


def looks_at(project: Project, sha256: str) -> Looks:
    """The looks of a project's finished runs at the hold-out of this content. Five queries."""
    runs = _runs_on(project, sha256)
    total: dict[str, Any] = runs.aggregate(
        count=_LOOKS, baselines=_OF_BASELINES, first=Min("created_at"), last=Max("created_at")
    )
    return Looks(
        **total,
        most=EvaluationPolicy.of(project).most_looks,
        models=_by(runs, F("model_version__model__name"), kind=F("model_version__model__kind")),
        people=_by(runs, F("created_by__name"), email=F("created_by__email")),
        newest=list(
            runs.select_related("model_version__model", "created_by")
            .defer("result", "join_report", "overlap", "parameters", "roles", "cross_slices")
            .order_by("-created_at", "-pk")[:SHOWN]
        ),
    )


def _runs_on(project: Project, sha256: str) -> QuerySet[Run]:
    own = Q(truth=None, file__sha256=sha256)
    return Run.objects.filter(Q(truth__sha256=sha256) | own, project=project, result__isnull=False)


def _by(runs: QuerySet[Run], name: F, **also: F) -> list[By]:
    groups = (
        runs.order_by()
        .annotate(who=name, **also)
        .values("who", *also)
        .annotate(looks=Count("file__sha256", distinct=True), last=Max("created_at"))
        .order_by("-looks", "-last")
    )
    return [
        By(
            group["who"] or group.get("email") or "",
            group["looks"],
            group["last"],
            baseline=group.get("kind") == Model.Kind.BASELINE,
        )
        for group in groups[:SHOWN]
    ]


def corrected_metrics(looks: Looks, results: Sequence[MetricResult]) -> list[Corrected]:
    """The headline metrics that have an interval, with the one for all looks; none before the second."""
    if looks.count < 2:
        return []
    headline = [found for found in results if found.key in METRICS and METRICS[found.key].headline]
    pairs = [(found, looks.corrected(found)) for found in headline]
    return [Corrected(METRICS[usual.key], usual, result) for usual, result in pairs if result is not None]


def headline_results(run: Run) -> list[MetricResult]:
    """The stored metrics of a run over all rows."""
    values = MetricValue.objects.filter(run=run, slice_column="")
    return [MetricResult(v.metric, v.value, v.low, v.high, v.n) for v in values]
