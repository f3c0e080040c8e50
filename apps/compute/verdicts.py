"""Does the evidence confirm a requirement? From intervals and limits to verdicts, without any database.

A stored interval holds at 95 %. On the metric's own scale (log odds between two ends, the logarithm above
one end, the number itself without ends) each side is taken as normal with its own half width, so that an
interval at any other confidence follows, and at 95 % the stored bound itself. Between 0 and 1 the half widths
grow as those of Wilson's interval do, for which all of this is exact. The distance of the limit on that scale
gives a two-sided p value: the limit lies on the bound of the interval at confidence 1 - p.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from scipy.special import ndtr, ndtri, stdtrit

from apps.compute.uncertainty import Z, wilson

#: Beyond this nobody collects rows to settle anything.
MOST_ROWS = 10**12


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of a metric: ``low`` and ``high`` are its ends, None where there is none."""

    low: float | None = None
    high: float | None = None

    def forward(self, value: float) -> float:
        """The value where intervals are symmetric; an end of the range is infinitely far away."""
        if self.low is not None and self.high is not None:
            share = (value - self.low) / (self.high - self.low)
            if share <= 0 or share >= 1:
                return -math.inf if share <= 0 else math.inf
            return math.log(share / (1 - share))
        if self.low is not None:
            return math.log(value - self.low) if value > self.low else -math.inf
        if self.high is not None:
            return -math.log(self.high - value) if value < self.high else math.inf
        return value

    def backward(self, place: float) -> float:
        """The inverse of `forward`."""
        if self.low is not None and self.high is not None:
            share = 1 / (1 + math.exp(-place)) if place > -700 else 0.0
            return self.low + (self.high - self.low) * share
        if self.low is not None:
            return self.low + _exp(place)
        if self.high is not None:
            return self.high - _exp(-place)
        return place

    def errors(self, way: float) -> float:
        """A way on the scale, in a unit of which half widths hold z.

        Wilson's interval of a share is p -+ w in log odds with sinh(w / 2) = z / (2 sqrt(n p (1 - p))).
        """
        return math.sinh(way / 2) if (self.low, self.high) == (0, 1) else way

    def way(self, errors: float) -> float:
        """The inverse of `errors`."""
        return 2 * math.asinh(errors) if (self.low, self.high) == (0, 1) else errors


def _exp(place: float) -> float:
    return math.exp(place) if place < 700 else math.inf


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted: ``value >= limit`` or, with ``at_least`` False, ``value <= limit``."""

    at_least: bool
    limit: float
    scale: Scale = Scale()
    confidence: float = 0.95

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the bounds of its interval, as a rule at 95 %, from ``n`` rows; ``name``: its slice."""

    value: float
    low: float
    high: float
    n: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one requirement. ``low`` and ``high`` bound ``estimate`` at ``level``."""

    outcome: Outcome
    estimate: Estimate
    low: float
    high: float
    level: float
    rows_to_settle: int | None = None


def normal_quantile(level: float) -> float:
    """Half width, in standard errors, of the two-sided interval at ``level``."""
    return float(ndtri(0.5 + level / 2))


def bounds_at(estimate: Estimate, level: float, scale: Scale) -> tuple[float, float]:
    """The interval at another confidence than the stored 95 %."""
    if level == 0.95:  # to the last digit
        return estimate.low, estimate.high
    z = normal_quantile(level)
    return _bound(estimate, estimate.low, z, scale), _bound(estimate, estimate.high, z, scale)


def _bound(estimate: Estimate, stored: float, z: float, scale: Scale) -> float:
    centre, end = scale.forward(estimate.value), scale.forward(stored)
    if stored == estimate.value or math.isinf(end):
        return stored
    if math.isinf(centre):
        # At an end of the range a score interval has the odds z² / n: they grow with z² (Wilson 1927).
        return scale.backward(end - math.copysign(2, centre) * math.log(z / Z))
    return scale.backward(centre + scale.way(scale.errors(end - centre) * z / Z))


def reach(estimate: Estimate, limit: float, scale: Scale) -> float:
    """How far the limit lies from the estimate, in half widths of the side that faces it; 0 to inf."""
    if limit == estimate.value:
        return 0.0
    stored = estimate.low if limit < estimate.value else estimate.high
    centre, end, aim = (scale.forward(value) for value in (estimate.value, stored, limit))
    if stored == estimate.value:
        return math.inf
    if math.isinf(end):
        return 0.0 if math.isfinite(aim) else 1.0
    if math.isinf(centre):
        return _exp((end - aim) / 2 * math.copysign(1, centre))
    if math.isinf(aim):
        return math.inf
    return scale.errors(aim - centre) / scale.errors(end - centre)


def p_value(estimate: Estimate, limit: float, scale: Scale) -> float:
    """Two-sided p value of the limit; 1 - p is the confidence at which the interval just reaches it."""
    return float(2 * ndtr(-Z * reach(estimate, limit, scale)))


def evidence_against_chance(
    target: Target, estimates: Sequence[Estimate], slices: int | None = None
) -> float:
    """The p value by which a requirement enters Holm's procedure; several estimates are slices.

    All slices on the wanted side: the largest p (intersection-union test). Otherwise the smallest p of those
    on the other side, times the number of slices (Bonferroni): ``slices`` when not all have an interval.
    """
    p = {e.name: p_value(e, target.limit, target.scale) for e in estimates}
    wrong = [p[e.name] for e in estimates if not target.met_by(e.value)]
    return min(1.0, min(wrong) * (slices or len(p))) if wrong else max(p.values())


def holm(p_values: Mapping[int, float], alphas: Mapping[int, float]) -> dict[int, float]:
    """Alpha for each requirement of one family so that any false verdict is rarer than the largest of them.

    Holm (1979) on p / alpha: step down while p_i <= alpha_i / (number not yet rejected); what is left when
    it stops shares its alpha with all that is left. Nobody gets more than the own alpha.
    """
    ordered = sorted(p_values, key=lambda key: (p_values[key] / alphas[key], key))
    given: dict[int, float] = {}
    for position, key in enumerate(ordered):
        left = len(ordered) - position
        if p_values[key] > alphas[key] / left:
            return given | {rest: alphas[rest] / left for rest in ordered[position:]}
        given[key] = alphas[key] / left
    return given


def find(target: Target, estimates: Sequence[Estimate], alpha: float, slices: int | None = None) -> Finding:
    """The verdict at error rate ``alpha`` on one estimate, or on every slice at once.

    ``slices`` is their number when not all have an interval: then one of the estimates is on the wrong side.

    Confirmed when the whole interval of each slice lies on the wanted side, refuted when that of one slice,
    corrected for their number, lies wholly on the other. The finding shows the slice that decides: the one
    that fails most clearly, else the one that comes closest to the limit.
    """
    wrong = [e for e in estimates if not target.met_by(e.value)]
    if wrong:
        return _judged(target, _farthest(target, wrong), alpha / (slices or len(estimates)))
    return _judged(target, _nearest(target, estimates), alpha)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one requirement says of a number, or of one for each of ``slices``; as `find` takes them."""

    target: Target
    estimates: Sequence[Estimate]
    slices: int


def find_together(claims: Mapping[int, Claim]) -> dict[int, Finding]:
    """The verdicts on requirements that rest on the same rows, with Holm's correction for their number."""
    alphas = {key: round(1 - claim.target.confidence, 12) for key, claim in claims.items()}
    given = holm(
        {key: evidence_against_chance(c.target, c.estimates, c.slices) for key, c in claims.items()}, alphas
    )
    return {key: find(c.target, c.estimates, given[key], c.slices) for key, c in claims.items()}


def _farthest(target: Target, estimates: Sequence[Estimate]) -> Estimate:
    return max(estimates, key=lambda e: (reach(e, target.limit, target.scale), e.name))


def _nearest(target: Target, estimates: Sequence[Estimate]) -> Estimate:
    return min(estimates, key=lambda e: (reach(e, target.limit, target.scale), e.name))


def _judged(target: Target, estimate: Estimate, alpha: float) -> Finding:
    level = 1 - alpha
    low, high = bounds_at(estimate, level, target.scale)
    outcome = outcome_of(target, low, high)
    rows = None
    if outcome is Outcome.UNVERIFIED:
        rows = rows_to_settle(replace(estimate, low=low, high=high), target.limit, target.scale)
    return Finding(outcome, estimate, low, high, level, rows)


def outcome_of(target: Target, low: float, high: float) -> Outcome:
    """An interval that touches the limit from the wanted side confirms; from the other side it crosses."""
    if target.at_least:
        low, high, limit = low, high, target.limit
    else:
        low, high, limit = -high, -low, -target.limit
    if low >= limit:
        return Outcome.CONFIRMED
    return Outcome.REFUTED if high < limit else Outcome.UNVERIFIED


def rows_to_settle(estimate: Estimate, limit: float, scale: Scale = Scale()) -> int | None:
    """About how many more rows would move the interval off the limit, if the estimate stays as it is.

    Half widths shrink with the root of the rows. Two digits; None where no number of rows helps.
    """
    away = reach(estimate, limit, scale)
    if estimate.n <= 0 or away * away * MOST_ROWS <= estimate.n:
        return None
    more = estimate.n * (away**-2 - 1)
    if more <= 0:
        return None
    step = 10 ** max(0, math.floor(math.log10(more)) - 1)
    return int(math.ceil(more / step) * step)


def share_estimate(positive: int, total: int, level: float) -> Estimate:
    """A share of at least one judgement with Wilson's interval at ``level``."""
    low, high = wilson(positive, total, normal_quantile(level))
    return Estimate(positive / total, float(low), float(high), total)


def mean_estimate(values: Sequence[float], level: float) -> Estimate:
    """Mean of at least two repeats with Student's t interval at ``level``; all equal: one without width."""
    n = len(values)
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * math.sqrt(variance / n)
    return Estimate(mean, mean - half, mean + half, n)
