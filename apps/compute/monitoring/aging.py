"""How a model's quality falls with its age, and how often to train anew.

Each version has its own level; the loss for each day of age is common to all (least squares with a fixed
effect for each version, weighted by the inverse variance of the windows). Its 95 % interval is the wider of
two: the usual one with Student's t, which takes windows as independent, and, from two versions on, the one
robust to whatever windows of a version have in common, with t of versions - 1 degrees of freedom (Cameron &
Miller 2015, "A practitioner's guide to cluster-robust inference", II and VI): with few versions it is wide,
as it must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.uncertainty import LEVEL, Z

Floats = NDArray[np.float64]

FREEDOM = 3  # degrees of freedom, at least
SPAN = 10  # days of age that the sentence names
_QUANTILE = 0.5 + LEVEL / 2


@dataclass(frozen=True, slots=True)
class AgedPoint:
    """A metric's value in one window, ``age`` days after its ``version`` became the champion."""

    version: str
    age: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Aging:
    """``per_day`` is the loss of the metric for each day of age (positive is worse), with its 95 % interval,
    pooled over versions; ``days`` until the loss reaches the smallest worsening that matters, None when no
    ageing is seen. ``days_high`` is never None when ``days`` is not. ``message`` says it in one sentence,
    with what it rests on.
    """

    per_day: float | None
    low: float | None
    high: float | None
    days: float | None
    days_low: float | None
    days_high: float | None
    versions: int
    windows: int
    message: Message


def aging(points: Sequence[AgedPoint], *, higher_is_better: bool, smallest_drop: float) -> Aging:
    """``smallest_drop`` in the unit of the metric. Versions seen at one age only are left out."""
    ages: dict[str, set[float]] = {}
    for point in points:
        ages.setdefault(point.version, set()).add(point.age)
    points = [point for point in points if len(ages[point.version]) > 1]
    versions, windows = len({point.version for point in points}), len(points)
    if windows - versions - 1 < FREEDOM:
        return Aging(None, None, None, None, None, None, versions, windows, Message(_TOO_FEW))
    per_day, half = _slope(points, -1.0 if higher_is_better else 1.0)
    low, high = per_day - half, per_day + half
    days = days_low = days_high = None
    if low > 0:
        days, days_low, days_high = (smallest_drop / loss for loss in (per_day, high, low))
    loss = Quantity(SPAN * per_day, "", SPAN * low, SPAN * high)
    said = _message(versions, windows, loss, Quantity(days, "count", days_low, days_high))
    return Aging(per_day, low, high, days, days_low, days_high, versions, windows, said)


def _slope(points: Sequence[AgedPoint], sign: float) -> tuple[float, float]:
    """The loss for each day and half of its interval; ``sign`` makes a loss positive."""
    version = np.unique([point.version for point in points], return_inverse=True)[1]
    weight = _weights(points)
    age = _within(np.array([point.age for point in points]), weight, version)
    loss = _within(sign * np.array([point.value for point in points]), weight, version)
    information = float(weight @ age**2)
    slope = float(weight @ (age * loss)) / information
    residual = loss - slope * age
    versions, windows = int(version.max()) + 1, len(points)
    freedom = windows - versions - 1
    half = float(stdtrit(freedom, _QUANTILE)) * sqrt(float(weight @ residual**2) / freedom / information)
    if versions > 1:
        scores = np.bincount(version, weights=weight * age * residual)
        correction = versions / (versions - 1) * (windows - 1) / freedom
        robust = sqrt(correction * float(scores @ scores)) / information
        half = max(half, float(stdtrit(versions - 1, _QUANTILE)) * robust)
    return slope, half


def _weights(points: Sequence[AgedPoint]) -> Floats:
    """Inverse variances. A share near 1 has a narrow interval by its value alone, and must not count for
    more than four usual windows; without any interval all count alike.
    """
    error = np.array([(point.high - point.low) / (2 * Z) for point in points])
    usual = float(np.median(error))
    return np.asarray(1 / np.maximum(error, usual / 2) ** 2) if usual > 0 else np.ones(len(points))


def _within(values: Floats, weight: Floats, version: NDArray[np.intp]) -> Floats:
    """``values`` less the weighted mean of their version."""
    means = np.bincount(version, weights=weight * values) / np.bincount(version, weights=weight)
    return np.asarray(values - means[version])


_TOO_FEW = gettext_noop(
    "Too few windows with labels to say how a version ages: at least five of one version, at different ages, "
    "are needed."
)
_ONE_SEEN = gettext_noop(
    "Over %(windows)s windows of one version the metric gets worse by %(loss)s every %(span)s days, and by "
    "what matters after %(days)s days. One version alone cannot show whether the next will age alike."
)
_SEEN = gettext_noop(
    "Over %(versions)s versions and %(windows)s windows the metric gets worse by %(loss)s every %(span)s "
    "days, and by what matters after %(days)s days."
)
_ONE_UNSEEN = gettext_noop(
    "No ageing is seen over %(windows)s windows of one version: the change every %(span)s days, positive "
    "when worse, is between %(low)s and %(high)s."
)
_UNSEEN = gettext_noop(
    "No ageing is seen over %(versions)s versions and %(windows)s windows: the change every %(span)s days, "
    "positive when worse, is between %(low)s and %(high)s."
)


def _message(versions: int, windows: int, loss: Quantity, days: Quantity) -> Message:
    basis = {"versions": versions, "windows": windows, "span": SPAN}
    if days.value is None:
        ends = {"low": Quantity(loss.low, ""), "high": Quantity(loss.high, "")}
        return Message(_ONE_UNSEEN if versions == 1 else _UNSEEN, {**basis, **ends})
    return Message(_ONE_SEEN if versions == 1 else _SEEN, {**basis, "loss": loss, "days": days})
