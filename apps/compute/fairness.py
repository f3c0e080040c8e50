"""Rates by group, and how far groups are apart, as fairlearn 0.15 defines them.

Intervals of differences and ratios come from 2,000 seeded draws of every group's counts from their Jeffreys
posterior (a gamma of count + 1/2 per cell, with weights on the cell's effective count); mean errors are drawn
from their normal distribution. The largest of several groups minus the smallest is too large on average, most
of all when the groups are equal, and so are its draws. It cannot differ from the true one by more than the
range of the groups' errors, so the bound towards equality goes back by the 95th percentile of that range, as
Tukey's test does (Hsu 1996, ch. 5); the other bound is the percentile of the draws.

Whether groups differ at all is said by a test: chi-square on the (effective) counts, Welch's analysis of
variance for errors; Holm's correction runs over the metrics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc

from apps.compute.corrections import holm
from apps.compute.fairness_result import EqualityTest, Fairness, GroupRow
from apps.compute.fairness_spread import RESAMPLES, Rate, distances, spread
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult
from apps.compute.uncertainty import Floats, normal_interval, wilson

#: Rates of a smaller group say nothing.
LEAST_ROWS = 10

_TN, _FP, _FN, _TP = range(4)
_ALL = (_TN, _FP, _FN, _TP)
#: Rate -> cells counted, cells they are a share of.
RATES = {
    "selection_rate": ((_FP, _TP), _ALL),
    "accuracy": ((_TN, _TP), _ALL),
    "tpr": ((_TP,), (_FN, _TP)),
    "fpr": ((_FP,), (_TN, _FP)),
    "tnr": ((_TN,), (_TN, _FP)),
    "fnr": ((_FN,), (_FN, _TP)),
    "precision": ((_TP,), (_FP, _TP)),
}
#: Metric without its ending -> the rates it looks at, the worst of which counts.
FAMILIES = {
    "demographic_parity": ("selection_rate",),
    "equalized_odds": ("tpr", "fpr"),
    "equal_opportunity": ("tpr",),
    "predictive_parity": ("precision",),
    "accuracy": ("accuracy",),
}


def measure(
    truth: NDArray[np.bool_],
    decision: NDArray[np.bool_],
    codes: NDArray[Any],
    names: Sequence[str],
    weight: Floats | None = None,
    seed: int = 0,
) -> Fairness:
    """Binary decisions. ``truth`` and ``decision`` (n,), ``codes`` (n,) are positions in ``names``.

    A rate of a group with fewer than 10 rows, or without a row it is a share of, is undefined and takes no
    part in differences and ratios. InputRejected: fewer than two groups have rows.
    """
    _check(codes, names)
    cells = 2 * truth.astype(np.intp) + decision
    counts = _Counts.of(cells, 4, codes, len(names), weight, seed)
    rates = {key: counts.rate(key, *parts) for key, parts in RATES.items()}
    return _fairness(codes, names, rates, FAMILIES, ("difference", "ratio"), weight, seed)


def measure_accuracy(
    correct: NDArray[np.bool_],
    codes: NDArray[Any],
    names: Sequence[str],
    weight: Floats | None = None,
    seed: int = 0,
) -> Fairness:
    """Predictions of several classes: ``correct`` (n,) says which are right. Other arguments as `measure`."""
    _check(codes, names)
    counts = _Counts.of(correct.astype(np.intp), 2, codes, len(names), weight, seed)
    rates = {"accuracy": counts.rate("accuracy", (1,), (0, 1))}
    return _fairness(codes, names, rates, {"accuracy": ("accuracy",)}, ("difference",), weight, seed)


def measure_errors(
    error: Floats,
    codes: NDArray[Any],
    names: Sequence[str],
    weight: Floats | None = None,
    seed: int = 0,
) -> Fairness:
    """Predictions of a number: ``error`` (n,) is prediction minus truth. Other arguments as `measure`."""
    _check(codes, names)
    rng = np.random.default_rng(seed)
    rates = {
        key: _mean(key, values, codes, len(names), weight, rng)
        for key, values in (("mean_error", error), ("mae", np.abs(error)))
    }
    families = {key: (key,) for key in rates}
    return _fairness(codes, names, rates, families, ("difference",), weight, seed)


def _check(codes: NDArray[Any], names: Sequence[str]) -> None:
    present = np.unique(codes)
    if len(present) < 2:
        raise InputRejected("one_group", _ONE_GROUP, group=names[int(present[0])] if len(present) else "—")


@dataclass(frozen=True, slots=True)
class _Counts:
    """Sums of weights, of their squares, and rows have shape (groups, cells); ``draws`` (resamples, groups,
    cells) are of the sums, ``all_draws`` (resamples, cells) of all groups together.
    """

    sums: Floats
    squares: Floats
    rows: Floats
    draws: Floats
    all_draws: Floats

    @classmethod
    def of(
        cls,
        cells: NDArray[np.intp],
        size: int,
        codes: NDArray[Any],
        groups: int,
        weight: Floats | None,
        seed: int,
    ) -> _Counts:
        shape = (groups, size)
        key = codes.astype(np.intp) * size + cells
        rows = np.bincount(key, minlength=groups * size).reshape(shape).astype(np.float64)
        sums: Floats = rows
        squares: Floats = rows
        if weight is not None:
            sums = np.bincount(key, weight, groups * size).reshape(shape).astype(np.float64)
            squares = np.bincount(key, weight**2, groups * size).reshape(shape).astype(np.float64)
        # The weight of a row that a cell's sum is made of; an empty cell has that of all rows.
        usual = squares.sum() / sums.sum()
        scale = np.where(sums > 0, squares / np.where(sums > 0, sums, 1.0), usual)
        rng = np.random.default_rng(seed)
        draws = rng.standard_gamma(sums / scale + 0.5, (RESAMPLES, *shape)) * scale
        # The half rows that steady a single group would add up over many.
        all_draws = np.maximum((draws - 0.5 * scale).sum(axis=1), np.finfo(np.float64).tiny)
        return cls(sums, squares, rows, draws, all_draws)

    def rate(self, key: str, part: tuple[int, ...], of: tuple[int, ...]) -> Rate:
        top, bottom = self.sums[:, part].sum(-1), self.sums[:, of].sum(-1)
        rows = self.rows[:, of].sum(-1)
        defined = (self.rows.sum(-1) >= LEAST_ROWS) & (rows > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(rows > 0, top / bottom, np.nan)
            effective = bottom**2 / self.squares[:, of].sum(-1)
            overall = float(top.sum() / bottom.sum())
            size = bottom.sum() ** 2 / self.squares[:, of].sum()
        wrong = (value * effective)[defined].sum()
        expected = wrong / max(effective[defined].sum(), 1.0)
        statistic = 0.0
        if 0 < expected < 1:
            deviation = (value[defined] - expected) ** 2 * effective[defined]
            statistic = float(deviation.sum() / (expected * (1 - expected)))
        freedom = int(defined.sum()) - 1
        return Rate(
            key=key,
            value=value,
            bounds=wilson(value * effective, effective),
            method="wilson",
            rows=rows,
            defined=defined,
            draws=self.draws[..., part].sum(-1) / self.draws[..., of].sum(-1),
            overall=overall,
            overall_bounds=wilson(overall * size, size),
            overall_draws=self.all_draws[:, part].sum(-1) / self.all_draws[:, of].sum(-1),
            statistic=statistic,
            freedom=freedom,
            p=float(chdtrc(freedom, statistic)) if freedom > 0 else None,
        )


def _mean(
    key: str,
    values: Floats,
    codes: NDArray[Any],
    groups: int,
    weight: Floats | None,
    rng: np.random.Generator,
) -> Rate:
    """The mean of ``values`` by group; variances as `uncertainty.mean_and_variance` has them."""
    w = np.ones(len(values)) if weight is None else weight
    rows = np.bincount(codes, minlength=groups).astype(np.float64)
    total = np.bincount(codes, w, groups)
    defined = rows >= LEAST_ROWS
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.bincount(codes, w * values, groups) / total
        spread_ = np.bincount(codes, (w * (values - value[codes])) ** 2, groups)
        variance = spread_ / total**2 * rows / (rows - 1)
        effective = total**2 / np.bincount(codes, w**2, groups)
    share = total / total.sum()
    overall = float(np.average(values, weights=weight))
    overall_variance = float(((w * (values - overall)) ** 2).sum() / total.sum() ** 2)
    draws = np.full((RESAMPLES, groups), np.nan)
    draws[:, defined] = rng.normal(
        value[defined], np.sqrt(variance[defined]), (RESAMPLES, int(defined.sum()))
    )
    known = np.where(defined, draws, np.where(rows > 0, value, 0.0))
    return Rate(
        key=key,
        value=np.where(rows > 0, value, np.nan),
        bounds=normal_interval(value, variance),
        method="normal",
        rows=rows,
        defined=defined,
        draws=draws,
        overall=overall,
        overall_bounds=normal_interval(overall, overall_variance),
        overall_draws=known @ share,
        statistic=0.0,
        freedom=0,
        p=_welch(value[defined], variance[defined], effective[defined]),
    )


def _welch(mean: Floats, variance: Floats, n: Floats) -> float | None:
    """p of Welch's analysis of variance (Welch 1951) from means, their variances and numbers of rows."""
    k = len(mean)
    if k < 2 or (variance <= 0).any():
        return None
    w = 1 / variance
    centre = (w * mean).sum() / w.sum()
    loose = ((1 - w / w.sum()) ** 2 / (n - 1)).sum()
    f = (w * (mean - centre) ** 2).sum() / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * loose)
    return float(fdtrc(k - 1, (k**2 - 1) / (3 * loose), f))


def _fairness(
    codes: NDArray[Any],
    names: Sequence[str],
    rates: Mapping[str, Rate],
    families: Mapping[str, tuple[str, ...]],
    ends: tuple[str, ...],
    weight: Floats | None,
    seed: int,
) -> Fairness:
    rows = np.bincount(codes, minlength=len(names))
    groups = [
        GroupRow(name, int(rows[g]), tuple(_result(rate, g, int(rows[g])) for rate in rates.values()))
        for g, name in enumerate(names)
    ]
    metrics = [
        distances(key, [rates[part] for part in parts])[end]
        for key, parts in families.items()
        for end in ends
    ]
    tested = {
        key: p for key, parts in families.items() if (p := _p([rates[part] for part in parts])) is not None
    }
    tests = [
        EqualityTest(key, p, corrected)
        for (key, p), corrected in zip(
            tested.items(), holm(list(tested.values())) if tested else (), strict=True
        )
    ]
    small = [group.name for group in groups if group.n < LEAST_ROWS]
    return Fairness(
        groups=tuple(groups),
        overall=tuple(_overall(rate, len(codes)) for rate in rates.values()),
        spreads=tuple(spread(rate, names, with_ratio=rate.method == "wilson") for rate in rates.values()),
        metrics=tuple(metrics),
        tests=tuple(tests),
        notes=(Message(_LEFT_OUT, {"groups": ", ".join(small), "least": LEAST_ROWS}),) if small else (),
        weighted=weight is not None,
        seed=seed,
        resamples=RESAMPLES,
    )


def _p(rates: Sequence[Rate]) -> float | None:
    """p that all groups are equal in all ``rates``, which rest on different rows."""
    if len(rates) == 1:
        return rates[0].p
    freedom = sum(rate.freedom for rate in rates if rate.freedom > 0)
    return float(chdtrc(freedom, sum(rate.statistic for rate in rates))) if freedom else None


def _result(rate: Rate, group: int, n: int) -> MetricResult:
    if n < LEAST_ROWS:
        return MetricResult(rate.key, None, n=n, undefined=Message(_SMALL, {"least": LEAST_ROWS}))
    if not rate.defined[group]:
        return MetricResult(rate.key, None, n=0, undefined=Message(_EMPTY[rate.key]))
    low, high = rate.bounds
    return bounded(
        rate.key, float(rate.value[group]), low[group], high[group], int(rate.rows[group]), rate.method
    )


def _overall(rate: Rate, n: int) -> MetricResult:
    if not np.isfinite(rate.overall):
        return MetricResult(rate.key, None, n=n, undefined=Message(_EMPTY[rate.key]))
    return bounded(rate.key, rate.overall, *rate.overall_bounds, int(rate.rows.sum()), rate.method)


_ONE_GROUP = gettext_noop(
    "All rows are in the group “%(group)s”: there is nothing to compare it with. Choose a column with at "
    "least two values."
)
_LEFT_OUT = gettext_noop(
    "Left out of the comparison because they have fewer than %(least)s rows: %(groups)s."
)
_SMALL = gettext_noop("The group has fewer than %(least)s rows.")
_NO_POSITIVES = gettext_noop("The group has no positive rows.")
_NO_NEGATIVES = gettext_noop("The group has no negative rows.")
_NO_SELECTED = gettext_noop("No row of the group is predicted positive.")
_EMPTY = {
    "tpr": _NO_POSITIVES,
    "fnr": _NO_POSITIVES,
    "fpr": _NO_NEGATIVES,
    "tnr": _NO_NEGATIVES,
    "precision": _NO_SELECTED,
}
