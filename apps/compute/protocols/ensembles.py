"""Does the uncertainty know where the errors are? The weather tasks of Shifts (Malinin et al. 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from apps.compute import labels
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.groups import accuracy
from apps.compute.protocols.result import ProtocolResult
from apps.compute.protocols.retention import shifted_auc, shifted_pr_auc, summary, tables
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, log_interval, mean_and_variance, normal_interval

#: Probabilities that were rounded to two digits still sum to 1.
SUM_TOLERANCE = 0.02


def judge(given: Given) -> ProtocolResult:
    """Retention curves of the chosen measure of uncertainty, and all measures in the table ``measures``.

    InputRejected: missing members, empty cells, variances or deviations below 0, probabilities outside 0..1.
    """
    if given.protocol.key == "ensemble_classification":
        return _classification(given)
    if given.protocol.key == "ensemble_regression":
        return _regression(given)
    predicted, truth = given.numbers("prediction"), given.numbers("truth")
    uncertainties = {"uncertainty": given.numbers("uncertainty")}
    return _judged(
        given, (predicted - truth) ** 2, uncertainties, "uncertainty", _errors(predicted - truth), True
    )


def class_measures(probability: Floats) -> dict[str, Floats]:
    """Measures of an ensemble, from ``probability`` (members, n, classes): each of shape (n,).

    Natural logarithms, 1e-10 inside. ``confidence`` is a certainty: its sign is to be turned before ranking.
    """
    mean = probability.mean(axis=0)
    logs = np.log(probability + 1e-10)
    entropy_of_expected = -(mean * np.log(mean + 1e-10)).sum(axis=1)
    expected_entropy = -(probability * logs).sum(axis=2).mean(axis=0)
    mutual_information = entropy_of_expected - expected_entropy
    epkl = -(mean * logs.mean(axis=0)).sum(axis=1) - expected_entropy
    return {
        "confidence": mean.max(axis=1),
        "entropy_of_expected": entropy_of_expected,
        "expected_entropy": expected_entropy,
        "mutual_information": mutual_information,
        "epkl": epkl,
        "reverse_mutual_information": epkl - mutual_information,
    }


def number_measures(mean: Floats, variance: Floats) -> dict[str, Floats]:
    """Measures of an ensemble of normal predictions, from arrays (members, n): each of shape (n,).

    ``epkl`` follows the reference's code, which adds log(variance) and log(2 pi) where a divergence would
    subtract the members' entropy: it is half of a mean cross-entropy and may be negative.
    """
    varm, mvar = mean.var(axis=0), variance.mean(axis=0)
    floor = variance + 1e-10
    epkl = 0.5 * (
        (mean**2 + floor).mean(axis=0) * (1 / floor).mean(axis=0)
        - 2 * mean.mean(axis=0) * (mean / floor).mean(axis=0)
        + (mean**2 / floor + np.log(floor)).mean(axis=0)
        + np.log(2 * np.pi)
    )
    return {"tvar": varm + mvar, "mvar": mvar, "varm": varm, "epkl": epkl}


def normal_nll(truth: Floats, mean: Floats, variance: Floats) -> Floats:
    """-log of the normal density, with the reference's 1e-8 beside 2 variance and inside of the logarithm."""
    return np.asarray(
        (truth - mean) ** 2 / (2 * variance + 1e-8) + np.log(variance + 1e-8) / 2 + np.log(2 * np.pi) / 2
    )


def mixture_nll(truth: Floats, mean: Floats, variance: Floats) -> Floats:
    """-log of the mean density over the members; arrays (members, n) to (n,)."""
    return np.asarray(np.log(len(mean)) - logsumexp(-normal_nll(truth, mean, variance), axis=0))


def _classification(given: Given) -> ProtocolResult:
    names = [labels.canonical(name) for name in given.names("classes")]
    found, (codes,) = given.classes("truth")
    classes = tuple(names) or found
    if unknown := sorted(set(found) - set(classes)):
        raise InputRejected(
            "unknown_class", _UNKNOWN_CLASS, column=given.name("truth"), given=unknown[0],
            known=", ".join(classes[:20]),
        )  # fmt: skip
    truth = np.array([classes.index(name) for name in found])[codes]
    columns, k = given.names("members"), len(classes)
    if k < 2 or len(columns) % k or len(columns) < 2 * k:
        raise InputRejected("missing_member", _MISSING_MEMBER, count=len(columns), classes=k)
    probability = np.stack([_cells(given, name, probability=True) for name in columns])
    probability = probability.reshape(-1, k, len(truth)).transpose(0, 2, 1)
    _check_sums(given, columns, probability)
    mean = probability.mean(axis=0)
    hits = mean.argmax(axis=1) == truth
    measures = class_measures(probability)
    losses = -np.log(mean[np.arange(len(truth)), truth] + 1e-10)
    extra = [accuracy(hits), _mean("ensemble_nll", losses)]
    return _judged(given, (~hits).astype(np.float64), measures, given.params["measure"], extra, False)


def _check_sums(given: Given, columns: Sequence[str], probability: Floats) -> None:
    """InputRejected: the columns taken as one member, of shape (members, n, classes), are no distribution."""
    sums = probability.sum(axis=2)
    if (faulty := np.abs(sums - 1) > SUM_TOLERANCE).any():
        member, row = np.argwhere(faulty)[0]
        k = probability.shape[2]
        raise InputRejected(
            "member_without_class", _NO_DISTRIBUTION, columns=", ".join(columns[member * k : member * k + k]),
            sum=f"{sums[member, row]:.3g}", row=given.inputs.row(int(row)),
        )  # fmt: skip


def _regression(given: Given) -> ProtocolResult:
    means, variances = given.names("means"), given.names("variances")
    if len(means) != len(variances) or len(means) < 2:
        raise InputRejected("missing_member", _UNPAIRED, means=len(means), variances=len(variances))
    truth = given.numbers("truth")
    mean = np.stack([_cells(given, name) for name in means])
    variance = np.stack([_cells(given, name) for name in variances])
    if (faulty := variance < 0).any():
        member, row = np.argwhere(faulty)[0]
        raise InputRejected(
            "negative_variance", _NEGATIVE, column=variances[member], row=given.inputs.row(int(row))
        )
    error = mean.mean(axis=0) - truth
    extra = [*_errors(error), _mean("ensemble_nll", mixture_nll(truth, mean, variance))]
    return _judged(given, error**2, number_measures(mean, variance), given.params["measure"], extra, True)


def _cells(given: Given, name: str, *, probability: bool = False) -> Floats:
    """One column of a member; a cell that is empty is a member that is missing."""
    try:
        return given.inputs.probabilities(name) if probability else given.inputs.numbers(name)
    except InputRejected as fault:
        if fault.code != "missing_value":
            raise
        count = fault.message.params["count"]
        raise InputRejected("missing_member", _EMPTY, column=name, row=fault.row, count=count) from None


def _judged(
    given: Given,
    errors: Floats,
    measures: Mapping[str, Floats],
    chosen: str,
    extra: list[MetricResult],
    pr: bool,
) -> ProtocolResult:
    limit = float(given.params.get("acceptable", 0.5))
    column = given.name("shifted")
    shifted = None if column is None else given.flags(column)
    found: dict[str, list[MetricResult]] = {}
    for measure, values in measures.items():
        uncertainty = -values if measure == "confidence" else values
        found[measure] = [
            *summary(errors, uncertainty, limit, given.rng),
            *_shift(given, uncertainty, shifted, pr),
        ]
    best = -measures[chosen] if chosen == "confidence" else measures[chosen]
    drawn = tables(errors, best, limit, shifted)
    drawn["measures"] = _measures_table(measures, found)
    if shifted is not None:
        drawn["groups"] = _by_shift(errors, shifted)
    return given.result(len(errors), [*found[chosen], *extra], drawn)


def _shift(
    given: Given, uncertainty: Floats, shifted: NDArray[np.bool_] | None, pr: bool
) -> list[MetricResult]:
    if shifted is None:
        return []
    found = [shifted_auc(uncertainty, shifted)]
    return [*found, shifted_pr_auc(uncertainty, shifted, given.rng)] if pr else found


def _measures_table(measures: Mapping[str, Floats], found: Mapping[str, list[MetricResult]]) -> Table:
    columns: dict[str, list[object]] = {"measure": list(measures)}
    columns["mean"] = [float(values.mean()) for values in measures.values()]
    for place, metric in enumerate(next(iter(found.values()))):
        each = [results[place] for results in found.values()]
        columns[metric.key] = [result.value for result in each]
        columns[f"{metric.key}_low"] = [result.low for result in each]
        columns[f"{metric.key}_high"] = [result.high for result in each]
    return Table(columns)


def _by_shift(errors: Floats, shifted: NDArray[np.bool_]) -> Table:
    """The mean error of the rows that are shifted and of those that are not."""
    kinds = [(name, errors[which]) for name, which in (("0", ~shifted), ("1", shifted)) if which.any()]
    found = [_mean("", values) for _name, values in kinds]
    return Table(
        {
            "group": [name for name, _values in kinds],
            "n": [len(values) for _name, values in kinds],
            "error": [each.value for each in found],
            "error_low": [each.low for each in found],
            "error_high": [each.high for each in found],
        }
    )


def _errors(error: Floats) -> list[MetricResult]:
    n = len(error)
    mean, variance = mean_and_variance(error**2)
    low, high = log_interval(mean, variance)
    rmse = bounded("rmse", float(np.sqrt(mean)), np.sqrt(low), np.sqrt(high), n, "log-normal")
    mae, spread = mean_and_variance(np.abs(error))
    return [rmse, bounded("mae", mae, *log_interval(mae, spread), n, "log-normal")]


def _mean(key: str, values: Floats) -> MetricResult:
    mean, variance = mean_and_variance(values)
    return bounded(key, mean, *normal_interval(mean, variance), len(values), "normal")


_MISSING_MEMBER = gettext_noop(
    "There are %(count)s columns of members for %(classes)s classes. Each member needs one column for each "
    "class, and there must be at least two members: name the columns that are missing."
)
_NO_DISTRIBUTION = gettext_noop(
    "The columns %(columns)s are taken as one member, but sum to %(sum)s in row %(row)s and not to 1. Name "
    "for each member one column for each class, members one after the other, classes in the same order."
)
_UNPAIRED = gettext_noop(
    "There are %(means)s columns of means and %(variances)s of variances. Each member needs one of both, and "
    "there must be at least two members: name the columns that are missing."
)
_EMPTY = gettext_noop(
    "A member of the ensemble is missing: the column %(column)s is empty in row %(row)s (%(count)s such "
    "rows). "
    "Fill the values in, or leave out this member or these rows."
)
_NEGATIVE = gettext_noop(
    "The variance in column %(column)s is negative in row %(row)s. It must be 0 or more."
)
_UNKNOWN_CLASS = gettext_noop(
    "The column %(column)s has the class “%(given)s”, which is not among the classes of the members: "
    "%(known)s."
)
