"""Predicted distributions: a normal one by mean and standard deviation, quantiles, or an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.compute import over_time
from apps.compute.aligned import check_truth
from apps.compute.inputs import Inputs
from apps.compute.judged import Measured, judge_regression
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics import probabilistic, probabilistic_tables
from apps.compute.metrics.probabilistic import CALIBRATION, Probabilistic
from apps.compute.metrics.regression import weighted_quantile
from apps.compute.over_time import Buckets
from apps.compute.paired.linear import LinearPairs
from apps.compute.paired.resampled import Resampled
from apps.compute.results import MetricResult, Table
from apps.compute.roles import Role
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats

FEWEST_QUANTILES = 3
#: The level of an interval whose columns do not say it.
ASSUMED_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class JudgedProbabilistic:
    data: Probabilistic
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        return probabilistic.measure(self.data), probabilistic_tables.tables(self.data)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        error = self.data.predicted - self.data.truth
        return {
            "residual_by_time": over_time.residual_table(buckets, error, self.data.weight),
            "loss_by_time": over_time.mean_table(buckets, self.errors(), self.data.weight),
        }

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [probabilistic.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {}

    def errors(self) -> Floats:
        """The CRPS of each row, or its interval score where the file has an interval only."""
        found = probabilistic.crps(self.data)
        if found is None and self.data.interval is not None:
            found = probabilistic.interval_score(self.data, self.data.interval[0])
        return np.zeros(len(self.data.truth)) if found is None else found

    def surprise(self) -> Floats:
        """Distance in predicted standard deviations; without them what `errors` says."""
        if self.data.std is None:
            return self.errors()
        distance: Floats = np.abs(self.data.truth - self.data.predicted) / self.data.std
        return distance


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedProbabilistic:
    """Of several forms the standard deviation is judged, else the quantiles, else the interval, and a note
    says so.

    InputRejected: none of the three, a standard deviation of 0 or less, fewer than three quantiles alone,
    and see `judged.judge_regression`.
    """
    given = judge_regression(inputs, weight).data
    std, quantiles = inputs.column(Role.STD), given.quantiles
    ends = inputs.column(Role.INTERVAL_LOW)
    forms = [form for form, there in ((_STD, std), (_QUANTILES, quantiles), (_INTERVAL, ends)) if there]
    notes = [Message(_ONE_FORM, {"form": Message(forms[0])})] if len(forms) > 1 else []
    data = Probabilistic(given.truth, given.predicted, weight)
    if std is not None:
        if inputs.column(Role.PREDICTION) is None:
            raise InputRejected("missing_role", _NO_MEAN, column=std)
        spread = inputs.numbers(std)
        faulty = spread <= 0
        if faulty.any():
            value = float(spread[int(np.argmax(faulty))])
            raise InputRejected(
                "no_spread", _NO_SPREAD, column=std, value=f"{value:g}", **inputs.first(faulty)
            )
        data = Probabilistic(given.truth, given.predicted, weight, std=spread)
    elif len(quantiles) >= FEWEST_QUANTILES:
        data = Probabilistic(given.truth, given.predicted, weight, quantiles=quantiles)
        notes += _of_quantiles(quantiles)
    elif ends is not None and given.low is not None and given.high is not None:
        level, said = _level(inputs, ends)
        data = Probabilistic(given.truth, given.predicted, weight, interval=(level, given.low, given.high))
        notes += said
    elif quantiles:
        raise InputRejected("few_quantiles", _FEW_QUANTILES, count=len(quantiles), least=FEWEST_QUANTILES)
    else:
        raise InputRejected("no_distribution", _NO_DISTRIBUTION)
    return JudgedProbabilistic(data, tuple(notes))


def _of_quantiles(quantiles: Mapping[float, Floats]) -> list[Message]:
    notes = [Message(_BY_PINBALL, {"levels": ", ".join(f"{level:g}" for level in sorted(quantiles))})]
    ordered = np.stack([quantiles[level] for level in sorted(quantiles)])
    crossing = int(np.count_nonzero((np.diff(ordered, axis=0) < 0).any(axis=0)))
    if crossing:
        notes.append(Message(_CROSSING, {"count": crossing}))
    return notes


def _level(inputs: Inputs, column: str) -> tuple[float, list[Message]]:
    """What the label of the lower end's column says."""
    label = inputs.label(column).strip()
    if not label:
        return ASSUMED_LEVEL, [Message(_ASSUMED)]
    try:
        level = float(label)
    except ValueError:
        level = float("nan")
    if not 0 < level < 1:
        raise InputRejected("bad_interval_level", _BAD_LEVEL, column=column, level=label)
    return level, []


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedProbabilistic], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedProbabilistic], LinearPairs[Probabilistic]]:
    """InputRejected: other true values, or quantiles of other levels, whose CRPS does not compare."""
    data = [run.data for run in runs]
    check_truth(names, [each.truth for each in data])
    for name, each in zip(names[1:], data[1:], strict=True):
        if each.levels != data[0].levels:
            raise InputRejected("levels_differ", _LEVELS_DIFFER, first=names[0], second=name)
    return runs, LinearPairs(
        data,
        probabilistic.RULES,
        weight,
        _no_skill(data[0]),
        {CALIBRATION: _drawn_calibration},
        lambda: Resampled(len(data[0].truth), weight, seed),
    )


def _drawn_calibration(data: Probabilistic, resamples: Resampled) -> Floats | None:
    if not data.levels:
        return None
    return resamples.of(
        probabilistic.below(data), lambda shares: probabilistic.calibration_error(shares, data.levels)
    )


def _no_skill(data: Probabilistic) -> dict[str, float]:
    """Of the distribution of all truths, given for every row: its quantiles, or the normal one of the same
    mean and spread.
    """
    n, weight = len(data.truth), data.weight
    order = np.argsort(data.truth)
    share = np.cumsum(np.ones(n) if weight is None else weight[order])

    def quantile(level: float) -> Floats:
        return np.full(n, weighted_quantile(data.truth[order], share / share[-1], level))

    mean = float(np.average(data.truth, weights=weight))
    spread = float(np.average((data.truth - mean) ** 2, weights=weight)) ** 0.5
    if spread == 0:
        return {}
    if data.std is not None:
        blind = Probabilistic(data.truth, np.full(n, mean), weight, std=np.full(n, spread))
    elif data.quantiles:
        levels = {level: quantile(level) for level in data.quantiles}
        blind = Probabilistic(data.truth, np.full(n, mean), weight, quantiles=levels)
    elif data.interval is not None:
        level = data.interval[0]
        ends = quantile((1 - level) / 2), quantile((1 + level) / 2)
        blind = Probabilistic(data.truth, np.full(n, mean), weight, interval=(level, *ends))
    found = {result.key: result.value for result in probabilistic.measure(blind) if result.value is not None}
    kept = {key: value for key, value in found.items() if key.startswith(("crps", "log_score", "interval_"))}
    away = np.abs(data.truth - quantile(0.5))
    return {**kept, "rmse": spread, "mae": float(np.average(away, weights=weight))}


_STD, _QUANTILES, _INTERVAL = (
    gettext_noop("standard deviation"),
    gettext_noop("quantiles"),
    gettext_noop("interval"),
)
_ONE_FORM = gettext_noop(
    "The file says in several ways how uncertain the predictions are. Judged is: %(form)s. The "
    "others are left "
    "aside."
)
_NO_MEAN = gettext_noop(
    "Column %(column)s has standard deviations, but no column has the role of the prediction. Choose the "
    "column with the predicted means."
)
_NO_SPREAD = gettext_noop(
    "The standard deviation in column %(column)s is %(value)s in row %(row)s (%(count)s such rows). "
    "It must be "
    "above 0: a model that claims no doubt at all cannot be judged by its doubt. Correct the values, "
    "or choose "
    "regression as the task."
)
_FEW_QUANTILES = gettext_noop(
    "The file has %(count)s quantile columns, and a distribution needs %(least)s or more. Add "
    "quantiles, such "
    "as 0.1, 0.5 and 0.9, or choose regression as the task."
)
_NO_DISTRIBUTION = gettext_noop(
    "No column says how uncertain the predictions are. Choose a column with standard deviations, "
    "three or more "
    "with quantiles, or both ends of an interval; or choose regression as the task."
)
_BY_PINBALL = gettext_noop(
    "The CRPS is twice the mean pinball loss of the quantiles %(levels)s: an approximation that is good when "
    "the levels are many and evenly spread."
)
_CROSSING = gettext_noop(
    "In %(count)s rows the quantiles cross: a higher level has a lower value. They are judged as they are."
)
_ASSUMED = gettext_noop(
    "The columns of the interval do not say its level, so it is judged as one that should hold the "
    "truth with "
    "probability 0.95. Give the column of the low end its level as label, such as 0.9, if it is another."
)
_BAD_LEVEL = gettext_noop(
    "The interval in column %(column)s has the level “%(level)s”. Give it a level between 0 and 1, "
    "such as 0.9."
)
_LEVELS_DIFFER = gettext_noop(
    "%(first)s and %(second)s describe their distributions by different levels, so their scores do not "
    "compare. Compare runs with the same quantiles, or runs with a mean and a standard deviation."
)
