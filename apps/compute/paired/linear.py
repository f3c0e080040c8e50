"""Runs of the same rows whose metrics are estimates with influences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Generic, TypeVar

from apps.compute.metrics.linear import Found, Linear
from apps.compute.paired.held import Held
from apps.compute.paired.resampled import Resampled, bootstrapped
from apps.compute.paired.spread import Spread, linearised
from apps.compute.uncertainty import Floats

Run = TypeVar("Run")
#: A run -> its estimate; None where it does not carry what the metric needs.
Rule = Callable[[Run], Found | None]
#: A run and the common resamples -> the metric in each of them; None as above.
Drawn = Callable[[Run, Resampled], Floats | None]


class LinearPairs(Generic[Run]):
    """``rules`` are the metrics by their keys; those of ``drawn`` are not smooth and are resampled."""

    def __init__(
        self,
        runs: list[Run],
        rules: Mapping[str, Rule[Run]],
        weight: Floats | None,
        no_skill: Mapping[str, float],
        drawn: Mapping[str, Drawn[Run]] | None = None,
        resamples: Callable[[], Resampled] | None = None,
    ) -> None:
        self.runs, self.rules, self.weight = runs, rules, weight
        self._no_skill, self._drawn, self._make = no_skill, drawn or {}, resamples
        self._resamples: Resampled | None = None
        self._found: Held[Found | None] = Held()
        self._samples: Held[Floats | None] = Held()

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        if key in self._drawn:
            return self._resampled(key, first, second)
        if key not in self.rules:
            return None
        rule = self.rules[key]
        found = [self._found.of(key, run, partial(rule, self.runs[run])) for run in (first, second)]
        before, after = found
        if not isinstance(before, Linear) or not isinstance(after, Linear):
            return None
        return linearised([before.influence, after.influence], self.weight)

    def agreement(self, first: int, second: int) -> None:
        return None

    def no_skill(self) -> dict[str, float]:
        return dict(self._no_skill)

    def _resampled(self, key: str, first: int, second: int) -> Spread | None:
        if self._resamples is None:
            if self._make is None:
                return None
            self._resamples = self._make()
        rule, resamples = self._drawn[key], self._resamples
        before, after = (
            self._samples.of(key, run, partial(rule, self.runs[run], resamples)) for run in (first, second)
        )
        return None if before is None or after is None else bootstrapped(before, after)
