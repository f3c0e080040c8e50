"""Whether the best run beats the baseline beyond chance, from the comparisons with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from apps.compute.comparison_result import ComparedMetric, Difference
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.evaluations.models import Comparison, Run
from apps.lifecycle.models import Criterion

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Pair:
    """A model's run beside the baseline's, on their common rows, by the metric that names the winner.

    ``better`` says whether the model is better (or worse) at 5 % after Holm's correction over the metrics;
    None when the difference may be chance.
    """

    run: int
    baseline: int
    metric: str
    value: float
    difference: Difference
    better: bool | None
    named: bool = True  # it is the baseline that the project names

    @property
    def merit(self) -> float:
        """Greater is better."""
        return self.value if METRICS[self.metric].higher_is_better else -self.value


def pairs_of(projects: Collection[int]) -> dict[int, list[Pair]]:
    """The finished comparisons with one baseline run, by project. Two queries.

    It is the newest run of the named baseline, or of any baseline where the named one has no comparison.
    """
    rows = list(
        Comparison.objects.filter(project__in=projects, with_baseline=True, result__isnull=False)
        .order_by("pk")
        .values(
            "project",
            "run_ids",
            main=F("result__main"),
            metrics=F("result__metrics"),
            baseline=F("result__baseline"),
        )
    )
    runs = {pk for row in rows for pk in row["run_ids"]}
    known = {
        pk: (number, named is not None)
        for pk, number, named in Run.objects.filter(pk__in=runs).values_list(
            "pk", "number", "model_version__model__baseline_of"
        )
    }
    found: dict[int, list[Pair]] = defaultdict(list)
    for row in rows:
        pair = _pair(row, [known[pk] for pk in row["run_ids"]])
        if pair is not None:
            found[row["project"]].append(pair)
    return {project: _newest(pairs) for project, pairs in found.items()}


def _pair(row: Mapping[str, Any], runs: Sequence[tuple[int, bool]]) -> Pair | None:
    """None where the metric has no value for one of the two. ``runs``: their numbers, and who is named."""
    metric = next(
        (ComparedMetric.from_json(data) for data in row["metrics"] if data["key"] == row["main"]), None
    )
    if metric is None or metric.differences[0] is None or row["baseline"] not in (0, 1):
        return None
    model = 1 - row["baseline"]
    estimate, difference = metric.values[model], metric.differences[0]
    if estimate is None or estimate.value is None:
        return None
    turned = model == 0  # the baseline came second: its better is the model's worse
    better = difference.better if not turned or difference.better is None else not difference.better
    number, (baseline, named) = runs[model][0], runs[1 - model]
    return Pair(number, baseline, metric.key, estimate.value, difference, better, named)


def _newest(pairs: list[Pair]) -> list[Pair]:
    """Runs against one and the same baseline run: their numbers can be compared."""
    _named, newest = max((pair.named, pair.baseline) for pair in pairs)
    return [pair for pair in pairs if pair.baseline == newest]


def beats_baseline(pairs: Sequence[Pair]) -> tuple[str, Message]:
    """State and reason of the criterion. What may be chance does not beat the baseline.

    The best of many runs is partly the luckiest: its p-value is multiplied by their number (Bonferroni).
    """
    if not pairs:
        return Criterion.State.UNKNOWN, Message(gettext_noop("No run was compared with the baseline yet."))
    best = max(pairs, key=lambda pair: (pair.merit, pair.run))
    metric, difference = METRICS[best.metric], best.difference
    said = {
        "run": best.run,
        "baseline": best.baseline,
        "metric": Message(metric.label),
        "value": Quantity(best.value, metric.unit),
        "difference": _size(difference, metric.unit),
    }
    if best.better and (best.difference.corrected or 0.0) * len(pairs) >= ALPHA:
        return Criterion.State.NOT_MET, Message(
            gettext_noop(
                "Run %(run)d is better than the baseline, run %(baseline)d, by %(difference)s, but it is the "
                "best of %(count)d runs: by chance alone one of them may be."
            ),
            {**said, "count": len(pairs)},
        )
    if best.better is None:
        return Criterion.State.NOT_MET, Message(
            gettext_noop(
                "%(metric)s of the best run %(run)d is %(value)s; the difference of %(difference)s to the "
                "baseline, run %(baseline)d, may be chance."
            ),
            said,
        )
    if not best.better:
        return Criterion.State.NOT_MET, Message(
            gettext_noop(
                "The baseline, run %(baseline)d, beats every model: the best, run %(run)d, has "
                "%(metric)s %(value)s, worse by %(difference)s."
            ),
            said,
        )
    return Criterion.State.MET, Message(
        gettext_noop(
            "Run %(run)d has %(metric)s %(value)s, better than the baseline, run %(baseline)d, by "
            "%(difference)s, beyond chance."
        ),
        said,
    )


def _size(difference: Difference, unit: str) -> Quantity:
    """The difference without its sign, which the sentence says; its interval is turned with it."""
    low, high = difference.low, difference.high
    if difference.value < 0 and low is not None and high is not None:
        low, high = -high, -low
    return Quantity(abs(difference.value), "points" if unit == "share" else unit, low, high)
