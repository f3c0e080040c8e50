"""Every value of every column and every crossing of two: where is the loss larger than elsewhere?

Following Slice Finder (Chung et al. 2019) with two differences. A crossing is only a finding if it is worse
than all other rows and than each of its two columns without it (an intersection-union test: its p is the
largest of the three), so that no mere shadow of one column is shown. And Holm's correction runs over all
slices that were judged, shown or not, which bounds the probability of any false finding at 5 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.comparison_result import ALPHA
from apps.compute.corrections import holm
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.uncertainty import Floats, normal_interval
from apps.compute.weak_slices.columns import CodedColumn, code_column
from apps.compute.weak_slices.sums import Losses, Sums
from apps.compute.weak_slices_result import SliceSearch, WeakSlice

#: The smallest slice that is judged by default.
LEAST_ROWS, LEAST_SHARE = 30, 0.005
#: Weak slices that are compared with each other for being alike, the strongest.
CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """``least`` rows must be in a slice and outside of it (None: 30, or 0.5 % of the rows if that is more).
    A column has at most ``values`` values, the others are pooled. At most ``most`` weak slices are listed.
    Of two whose common rows are more than ``alike`` of the rows of either, only the simpler is.
    """

    least: int | None = None
    values: int = 50
    most: int = 50
    alike: float = 0.8


@dataclass(frozen=True, slots=True)
class _Judged:
    """Slices of one column or crossing that were judged: arrays of one entry per slice.

    ``codes`` has shape (slices, columns).
    """

    columns: tuple[int, ...]
    codes: NDArray[np.int64]
    sums: Sums
    p: Floats


def search(
    frame: pl.DataFrame,
    columns: Sequence[str],
    loss: Floats,
    *,
    weight: Floats | None = None,
    amount: Floats | None = None,
    spec: SearchSpec = SearchSpec(),
) -> SliceSearch:
    """Slices of ``frame`` by ``columns`` and by pairs of them on which the mean of ``loss`` is larger.

    ``loss`` (n,) is any finite loss per row, larger is worse: 0 or 1 for an error, an absolute error, a log
    loss. ``weight`` (n,) is positive. ``amount`` (n,) is the money that each row lost; it is summed and does
    not decide what is found. Memory: two bytes per row and column beyond the columns themselves.

    InputRejected: no column, a column that is not there, a loss that is no number, too few rows.
    """
    names = tuple(dict.fromkeys(columns))
    least = max(LEAST_ROWS, ceil(LEAST_SHARE * len(loss))) if spec.least is None else spec.least
    _check(frame, names, loss, least)
    coded = [code_column(frame.get_column(name), least, spec.values) for name in names]
    losses = Losses.of(loss, weight)
    whole = losses.sums([np.zeros(len(loss), np.int16)], [1])
    judged, too_small = _judge_all(coded, losses, whole, least)
    corrected = holm([float(p) for each in judged for p in each.p])
    shown, alike, more = _shown(coded, losses, whole, judged, corrected, spec)
    low, high = losses.bounds(whole)
    return SliceSearch(
        columns=names,
        n=len(loss),
        mean=float(whole.mean[0]) + losses.constant,
        low=float(low[0]),
        high=float(high[0]),
        is_share=losses.is_share,
        least=least,
        looked=len(corrected),
        too_small=too_small,
        alike=alike,
        more=more,
        found=tuple(_with_money(each, rows, amount, weight) for each, rows in shown),
        weighted=weight is not None,
        notes=(Message(_CHOSEN),) if shown else (),
    )


def _check(frame: pl.DataFrame, names: Sequence[str], loss: Floats, least: int) -> None:
    if not names:
        raise InputRejected("no_columns", _NO_COLUMNS)
    for name in names:
        if name not in frame.columns:
            raise InputRejected("missing_column", _MISSING_COLUMN, column=name)
    if least < 2:
        raise InputRejected("slice_of_one_row", _LEAST_TOO_SMALL, least=least)
    if len(loss) < 2 * least:
        raise InputRejected("too_few_rows", _TOO_FEW_ROWS, rows=len(loss), least=least, needed=2 * least)
    wrong = np.flatnonzero(~np.isfinite(loss))
    if len(wrong):
        raise InputRejected("no_loss", _NO_LOSS, row=int(wrong[0]) + 1)


def _judge_all(
    coded: Sequence[CodedColumn], losses: Losses, whole: Sums, least: int
) -> tuple[list[_Judged], int]:
    """The slices of each column and crossing, and how many are too small (or too large) to be judged."""
    judged, too_small = [], 0
    sizes = [len(column.conditions) for column in coded]
    for places in [*((i,) for i in range(len(coded))), *combinations(range(len(coded)), 2)]:
        sums = losses.sums([coded[i].codes for i in places], [sizes[i] for i in places])
        parents = [] if len(places) == 1 else [sums.total(1), sums.total(0)]
        large = (sums.rows >= least) & (whole.rows - sums.rows >= least)
        # A crossing that holds all rows of one of its columns' values is that very slice again.
        new = np.logical_and.reduce([sums.rows > 0, *(sums.rows < parent.rows for parent in parents)])
        too_small += int((new & ~large).sum())
        chosen = np.nonzero(new & large)
        if not len(chosen[0]):
            continue
        ours = sums[chosen]
        p = losses.p_worse(ours, whole - ours)
        for parent in parents:
            without = (parent - sums)[chosen]
            p = np.maximum(p, losses.p_worse(ours, without))
        judged.append(_Judged(places, np.stack(chosen, axis=1), ours, p))
    return judged, too_small


def _shown(
    coded: Sequence[CodedColumn],
    losses: Losses,
    whole: Sums,
    judged: Sequence[_Judged],
    corrected: Sequence[float],
    spec: SearchSpec,
) -> tuple[list[tuple[WeakSlice, NDArray[np.bool_]]], int, int]:
    """The weak slices with their rows, how many are alike to one of them, and how many more there are."""
    weak: list[tuple[_Judged, int, WeakSlice]] = []
    start = 0
    for each in judged:
        own = np.asarray(corrected[start : start + len(each.p)])
        start += len(each.p)
        at = np.flatnonzero(own < ALPHA)
        for i, found in zip(at, _slices(coded, losses, whole, each, at, own), strict=True):
            weak.append((each, int(i), found))
    weak.sort(key=lambda slice_: -slice_[2].difference_low)
    candidates = sorted(weak[:CANDIDATES], key=lambda slice_: len(slice_[2].conditions))
    kept: list[tuple[WeakSlice, NDArray[np.bool_]]] = []
    alike = 0
    for group, place, found in candidates:
        rows = _rows_of(coded, group, place)
        if any(_is_alike(found, rows, *other, spec.alike) for other in kept):
            alike += 1
        else:
            kept.append((found, rows))
    kept.sort(key=lambda slice_: -slice_[0].difference_low)
    return kept[: spec.most], alike, len(weak) - alike - len(kept[: spec.most])


def _slices(
    coded: Sequence[CodedColumn],
    losses: Losses,
    whole: Sums,
    judged: _Judged,
    at: NDArray[np.int64],
    corrected: Floats,
) -> list[WeakSlice]:
    ours = judged.sums[at]
    rest = whole - ours
    mean, rest_mean, share = ours.mean, rest.mean, ours.weight / whole.weight
    low, high = losses.bounds(ours)
    rest_low, rest_high = losses.bounds(rest)
    # Difference of two means from their intervals (MOVER, Zou & Donner 2008; Newcombe 1998 for shares). The
    # slice is part of all rows, so its distance from all is the share outside times that from the rest.
    apart = mean - rest_mean
    centre = mean + losses.constant, rest_mean + losses.constant
    least = (1 - share) * (apart - np.hypot(centre[0] - low, rest_high - centre[1]))
    most = (1 - share) * (apart + np.hypot(high - centre[0], centre[1] - rest_low))
    every = float(whole.loss[0] + losses.constant * whole.weight[0])
    sum_ = ours.loss + losses.constant * ours.weight
    return [
        WeakSlice(
            conditions=tuple(
                coded[column].conditions[code]
                for column, code in zip(judged.columns, judged.codes[place], strict=True)
            ),
            n=int(ours.rows[k]),
            mean=float(centre[0][k]),
            low=float(low[k]),
            high=float(high[k]),
            rest=float(centre[1][k]),
            difference=float((1 - share[k]) * apart[k]),
            difference_low=float(least[k]),
            difference_high=float(most[k]),
            share_of_rows=float(share[k]),
            share_of_loss=float(sum_[k] / every) if losses.is_positive else None,
            p=float(judged.p[place]),
            corrected=float(corrected[place]),
        )
        for k, place in enumerate(at)
    ]


def _rows_of(coded: Sequence[CodedColumn], judged: _Judged, place: int) -> NDArray[np.bool_]:
    parts = zip(judged.columns, judged.codes[place], strict=True)
    rows = [coded[column].codes == code for column, code in parts]
    return np.asarray(np.logical_and.reduce(rows))


def _is_alike(
    ours: WeakSlice, rows: NDArray[np.bool_], theirs: WeakSlice, other: NDArray[np.bool_], limit: float
) -> bool:
    """Whether Jaccard's index of the two sets of rows is above ``limit``."""
    if min(ours.n, theirs.n) <= limit * max(ours.n, theirs.n):
        return False
    common = int(np.count_nonzero(rows & other))
    return common > limit * (ours.n + theirs.n - common)


def _with_money(
    found: WeakSlice, rows: NDArray[np.bool_], amount: Floats | None, weight: Floats | None
) -> WeakSlice:
    """The sum of the amounts in the slice; its interval is that of as many fresh rows as were searched."""
    if amount is None:
        return found
    lost = np.where(rows, amount if weight is None else amount * weight, 0.0)
    low, high = normal_interval(lost.sum(), lost.var(ddof=1) * len(lost))
    return replace(found, money=float(lost.sum()), money_low=float(low), money_high=float(high))


_NO_COLUMNS = gettext_noop("There is no column to search for weak slices. Give a column the role of a slice.")
_MISSING_COLUMN = gettext_noop(
    "Weak slices are to be searched by the column %(column)s, which the file does not have. Choose another."
)
_LEAST_TOO_SMALL = gettext_noop(
    "A slice of %(least)s rows cannot be judged. Ask for at least 2 rows, better 30."
)
_TOO_FEW_ROWS = gettext_noop(
    "%(rows)s rows are too few for a search of slices with at least %(least)s rows each: %(needed)s are "
    "needed."
)
_NO_LOSS = gettext_noop("Row %(row)s has no loss that is a finite number. Leave rows without a truth out.")
_CHOSEN = gettext_noop(
    "These slices were chosen because they look bad. On fresh rows they are on average a little less bad "
    "than shown here."
)
