"""The threshold that earns most: chosen on one half of the rows, judged on the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.money.estimates import Sums, mean_money, mean_of_sums, scaled
from apps.compute.money.result import Estimate, ThresholdChoice
from apps.compute.money.terms import CELLS, cell_money, paired_cells, row_money
from apps.compute.results import Table, Task
from apps.compute.uncertainty import Floats
from apps.compute.value import Prices

Flags = NDArray[np.bool_]

#: Fewer rows in a half choose by chance; the curve has at most this many thresholds.
LEAST_ROWS, MOST_POINTS = 20, 101


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows of a two-class run with probabilities: arrays (n,). ``called`` is the present decision,
    ``threshold`` where it lies (None: the file's own labels).
    """

    truth: Flags
    score: Floats
    called: Flags
    weight: Floats | None
    amount: Floats | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class _Half:
    """Rows from the highest score to the lowest. ``yes`` and ``no`` are the money of each row if it is
    called, and if it is not.
    """

    score: Floats
    called: Flags
    weight: Floats | None
    yes: Floats
    no: Floats

    @classmethod
    def of(cls, rows: Scored, kept: Flags, prices: Prices) -> _Half:
        places = np.flatnonzero(kept)
        places = places[np.argsort(-rows.score[places], kind="stable")]
        weight = None if rows.weight is None else rows.weight[places]
        amount = None if rows.amount is None else rows.amount[places]
        truth = rows.truth[places]
        yes, no = (
            row_money(Task.BINARY, truth, np.full(len(truth), called), prices, amount)
            for called in (True, False)
        )
        return cls(rows.score[places], rows.called[places], weight, yes, no)

    @property
    def size(self) -> int:
        return len(self.score) if self.weight is None else int(np.count_nonzero(self.weight))

    def money(self, called: Flags) -> Floats:
        return np.where(called, self.yes, self.no)

    def best(self) -> float:
        """The threshold that earns most here; of equal ones the highest."""
        score, gain = self.score, self.yes - self.no
        total = np.cumsum(gain if self.weight is None else gain * self.weight)
        ends = np.flatnonzero(np.append(score[1:] < score[:-1], True))  # rows with one score go together
        levels, totals = score[ends], total[ends]
        if levels[0] < 1:
            levels, totals = np.append(1.0, levels), np.append(0.0, totals)  # nobody is called
        return float(levels[np.argmax(totals)])

    def curve(self, levels: Floats, possible: Floats) -> list[Estimate]:
        """Mean money of a row at each threshold: the sums over the called rows come from running sums."""
        nobody = Sums.of(self.no, self.weight)
        w = np.ones(len(self.score)) if self.weight is None else self.weight
        changes = (w * (self.yes - self.no), w**2 * (self.yes - self.no), w**2 * (self.yes**2 - self.no**2))
        called = np.searchsorted(-self.score, -levels, side="right")
        wv, wwv, wwvv = (np.append(0.0, np.cumsum(change))[called] for change in changes)
        return [
            mean_of_sums(
                Sums(nobody.n, nobody.w, nobody.ww, nobody.wv + a, nobody.wwv + b, nobody.wwvv + c), possible
            )
            for a, b, c in zip(wv.tolist(), wwv.tolist(), wwvv.tolist(), strict=True)
        ]


def search(
    rows: Scored, prices: Prices, seed: int
) -> tuple[ThresholdChoice | None, Table | None, list[Message]]:
    """The choice, the money over thresholds on both halves, and what stands in the way.

    Every score of the first half and 1 are tried; of equal ones the highest wins. A row is called when its
    probability is at or above the threshold. The halves are drawn by ``seed``, so the choice knows nothing of
    the rows that judge it.
    """
    first = np.random.default_rng(seed).permutation(len(rows.truth)) % 2 == 0
    choosing, judging = (_Half.of(rows, kept, prices) for kept in (first, ~first))
    if min(choosing.size, judging.size) < LEAST_ROWS:
        return None, None, [Message(_FEW_ROWS, {"count": 2 * LEAST_ROWS})]
    threshold = choosing.best()
    priced = (prices, rows.amount, rows.weight)
    possible = cell_money(Task.BINARY, CELLS[Task.BINARY], *priced)
    own, other = (cell_money(Task.BINARY, cells, *priced) for cells in paired_cells(Task.BINARY))

    def per_year(half: _Half, levels: Floats) -> list[Estimate]:
        means = half.curve(levels, possible)
        return [scaled(mean, prices.volume_per_year, -prices.cost_per_year) for mean in means]

    called = judging.score >= threshold
    change = judging.money(called) - judging.money(judging.called)
    choice = ThresholdChoice(
        threshold=threshold,
        present=rows.threshold,
        chosen_on=per_year(choosing, np.array([threshold]))[0],
        money=per_year(judging, np.array([threshold]))[0],
        gain=scaled(mean_money(change, judging.weight, own - other), prices.volume_per_year),
        called=float(np.average(called, weights=judging.weight)),
    )
    grid = _grid(choosing.score, [threshold, *([] if rows.threshold is None else [rows.threshold])])
    columns: dict[str, list[float | None]] = {"threshold": grid.tolist()}
    for name, half in (("chosen", choosing), ("judged", judging)):
        found = per_year(half, grid)
        columns[name] = [each.value for each in found]
        columns[f"{name}_low"] = [each.low for each in found]
        columns[f"{name}_high"] = [each.high for each in found]
    return choice, Table(columns), []


def _grid(score: Floats, wanted: list[float]) -> Floats:
    """Half of the thresholds by rank, half by distance, and the wanted ones."""
    room = (MOST_POINTS - len(wanted)) // 2
    by_rank = np.quantile(score, np.linspace(0, 1, room), method="lower")
    by_distance = np.linspace(score.min(), score.max(), room)
    return np.unique(np.concatenate([by_rank, by_distance, wanted]))


_FEW_ROWS = gettext_noop(
    "No threshold is chosen: one half of the rows would choose and the other judge, and that takes %(count)s "
    "rows."
)
