"""Rankings of the same queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import stdtr

from apps.compute.metrics.dependence import student
from apps.compute.metrics.queries import Judgement, Ranking, judge, measure
from apps.compute.paired.spread import Spread
from apps.compute.uncertainty import mean_and_variance


class RankingPairs:
    """``runs`` have the queries of ``data``: pairs are queries, not rows."""

    def __init__(self, data: Ranking, runs: Sequence[Judgement]) -> None:
        self.data, self.runs = data, runs

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        """Paired t test over queries (Smucker, Allan & Carterette 2007)."""
        if key not in self.runs[first].values:
            return None
        change = self.runs[second].values[key] - self.runs[first].values[key]
        mean, variance = mean_and_variance(change, self.runs[first].weight)
        freedom = len(change) - 1
        if freedom < 1 or not variance:
            return Spread(variance, "paired t by query")
        return Spread(
            float(student(variance, freedom)),
            "paired t by query",
            float(2 * stdtr(freedom, -abs(mean) / variance**0.5)),
        )

    def agreement(self, first: int, second: int) -> None:
        return None

    def no_skill(self) -> dict[str, float]:
        """Of documents in random order: all scores are the same."""
        blind = judge(replace(self.data, score=np.zeros(len(self.data.query))), self.runs[0].weight)
        return {result.key: result.value for result in measure(blind) if result.value is not None}
