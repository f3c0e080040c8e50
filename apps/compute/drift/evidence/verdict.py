"""From evidence to a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from apps.compute.corrections import holm as holm_of_known
from apps.compute.drift.evidence.column import Evidence
from apps.compute.drift.registry import DriftTest
from apps.compute.drift.result import Verdict


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """P-values corrected for their number (Holm 1979), in the given order. None stays None and counts not."""
    corrected = iter(holm_of_known([p for p in p_values if p is not None]))
    return [None if p is None else next(corrected) for p in p_values]


def judge(
    test: DriftTest,
    value: float,
    limit: float,
    evidence: Evidence,
    adjusted: float | None,
    *,
    smallest_effect: float = 0.1,
    confidence: float = 0.95,
) -> Verdict:
    """As `result.Verdict` says it.

    A change is certain when the corrected p-value is at most 1 - ``confidence`` (a column without a p-value
    cannot show it). Drift is certain when also the whole interval lies beyond the limit (of p-values: the
    effect's beyond the smallest effect) and the value above the null check. So more rows make a verdict more
    certain, and never turn a small change into drift.
    """
    changed = adjusted is not None and adjusted <= 1 - confidence
    if not test.is_flagged(value, limit):
        return Verdict.SMALL if changed else Verdict.NONE
    if evidence.effect < smallest_effect:
        return Verdict.SMALL if changed else Verdict.UNSURE
    beyond = (
        _at_least(evidence.effect_low, smallest_effect) if test.is_p_value else _at_least(evidence.low, limit)
    )
    above_null = evidence.null_high is None or value > evidence.null_high
    return Verdict.DRIFT if changed and beyond and above_null else Verdict.UNSURE


def _at_least(bound: float | None, limit: float) -> bool:
    return bound is None or bound >= limit
