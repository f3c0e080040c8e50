"""How long predictions took: percentiles, mean and throughput of a column of milliseconds."""

from __future__ import annotations

from functools import partial

import numpy as np

from apps.compute.messages import gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import MetricResult, Table, Task
from apps.compute.uncertainty import Floats, log_interval, mean_and_variance, quantile_interval

PERCENTILES = {"latency_p50": 0.5, "latency_p90": 0.9, "latency_p99": 0.99}
HISTOGRAM_BINS = 30
_TABLE_LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)

_latency = partial(
    Metric,
    tasks=frozenset(Task),
    higher_is_better=False,
    unit="ms",
    needs=frozenset({"latency"}),
    high=None,
)
_percentile = partial(
    _latency, source="numpy.quantile (linear); interval from order statistics, Conover 1999, 3.2"
)

register(
    _percentile(
        key="latency_p50",
        label=gettext_noop("Latency, median"),
        description=gettext_noop("Half of the predictions were faster than this."),
        formula="the value below which 50 % of the latencies lie",
        meaning=gettext_noop("The time that a typical prediction takes."),
        misleads=gettext_noop(
            "Averages and middles hide the slow answers that people remember. It holds for the machine and "
            "the load under which it was measured."
        ),
    ),
    _percentile(
        key="latency_p90",
        label=gettext_noop("Latency, 90th percentile"),
        description=gettext_noop("Nine in ten predictions were faster than this."),
        formula="the value below which 90 % of the latencies lie",
        meaning=gettext_noop("The time within which nine in ten answers come."),
        misleads=gettext_noop(
            "One user who asks ten times meets a slower answer more often than not. It holds for the machine "
            "and the load under which it was measured."
        ),
    ),
    _percentile(
        key="latency_p99",
        label=gettext_noop("Latency, 99th percentile"),
        description=gettext_noop("All but one in a hundred predictions were faster than this."),
        formula="the value below which 99 % of the latencies lie",
        meaning=gettext_noop("How slow the slowest answers are, apart from one in a hundred."),
        misleads=gettext_noop(
            "It rests on a hundredth of the rows: below a few thousand rows it is mostly luck, as its "
            "interval shows. Latencies without pauses between the calls hide queues."
        ),
    ),
    _latency(
        key="latency_mean",
        label=gettext_noop("Latency, mean"),
        description=gettext_noop("Mean time that a prediction took."),
        source="mean; interval normal on the log scale",
        formula="(1 / n) Σ tᵢ",
        meaning=gettext_noop(
            "The mean time of an answer; times the number of calls it is the machine time that is needed."
        ),
        misleads=gettext_noop(
            "Averages and middles hide the slow answers that people remember. It holds for the machine and "
            "the load under which it was measured."
        ),
    ),
    _latency(
        key="throughput",
        label=gettext_noop("Throughput"),
        higher_is_better=True,
        unit="per_second",
        description=gettext_noop(
            "Predictions per second of one caller that waits for each answer: 1,000 over the mean latency."
        ),
        source="1000 / mean(latency)",
        formula="1000 / mean latency in ms",
        meaning=gettext_noop("How many predictions one caller gets in a second when it waits for each."),
        misleads=gettext_noop(
            "A service that answers several callers or batches at once does more; one that shares its "
            "machine does less."
        ),
    ),
)


def measure(milliseconds: Floats) -> tuple[MetricResult, ...]:
    """Latency metrics of ``milliseconds`` (shape (n,), n >= 1, >= 0, not all 0 for a throughput)."""
    n = len(milliseconds)
    ordered = np.sort(milliseconds)
    results = []
    for key, level in PERCENTILES.items():
        value = float(np.quantile(ordered, level))
        results.append(bounded(key, value, *quantile_interval(ordered, level), n, "order statistics"))
    mean, variance = mean_and_variance(ordered)
    low, high = (float(bound) for bound in log_interval(mean, variance))
    results.append(bounded("latency_mean", mean, low, high, n, "log-normal"))
    if mean > 0:
        results.append(bounded("throughput", 1000 / mean, 1000 / high, 1000 / low, n, "log-normal"))
    return tuple(results)


def tables(milliseconds: Floats) -> dict[str, Table]:
    """``latency`` and ``latency_histogram``; the last bin of the histogram holds the slowest 0.5 %."""
    ordered = np.sort(milliseconds)
    intervals = [quantile_interval(ordered, level) for level in _TABLE_LEVELS]
    slow = float(np.quantile(ordered, 0.995))
    edges = np.linspace(ordered[0], slow, HISTOGRAM_BINS)
    edges = np.append(np.unique(edges), max(float(ordered[-1]), slow))
    counts, _ = np.histogram(ordered, edges)
    return {
        "latency": Table(
            {
                "q": list(_TABLE_LEVELS),
                "value": np.quantile(ordered, _TABLE_LEVELS).tolist(),
                "low": [low for low, _ in intervals],
                "high": [high for _, high in intervals],
            }
        ),
        "latency_histogram": Table(
            {"low": edges[:-1].tolist(), "high": edges[1:].tolist(), "n": counts.tolist()}
        ),
    }
