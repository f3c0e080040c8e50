"""What is summed of the rows of a slice, and what follows from the sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr
from scipy.stats import hypergeom

from apps.compute.uncertainty import Bounds, Floats, log_interval, normal_interval, wilson

#: Rows that are summed at a time: their codes and losses stay in the cache.
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the rows of each slice; all arrays have one shape.

    ``loss`` and ``squares`` are of the loss minus a constant, so that no digits cancel. With w = 1 without
    weights: ``rows`` = sum 1, ``weight`` = sum w, ``loss`` = sum w x, ``weight2`` = sum w^2, ``loss2`` =
    sum w^2 x, ``squares`` = sum w^2 x^2.
    """

    rows: Floats
    weight: Floats
    loss: Floats
    weight2: Floats
    loss2: Floats
    squares: Floats

    def __sub__(self, part: Sums) -> Sums:
        names = self.__slots__
        return Sums(*(np.asarray(getattr(self, name) - getattr(part, name)) for name in names))

    def __getitem__(self, at: object) -> Sums:
        return Sums(*(np.asarray(getattr(self, name)[at]) for name in self.__slots__))

    def total(self, *axes: int) -> Sums:
        """Sums over the slices along ``axes``, which stay with length 1."""
        return Sums(*(getattr(self, name).sum(axis=axes, keepdims=True) for name in self.__slots__))

    def ravel(self) -> Sums:
        return Sums(*(getattr(self, name).ravel() for name in self.__slots__))

    @property
    def mean(self) -> Floats:
        """Mean of the loss minus the constant; NaN without rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.loss / self.weight)

    @property
    def effective(self) -> Floats:
        """Kish's effective number of rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.weight**2 / self.weight2)

    @property
    def variance(self) -> Floats:
        """Variance of the mean as `uncertainty.mean_and_variance` has it; NaN for fewer than 2 rows."""
        mean = self.mean
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = self.squares - 2 * mean * self.loss2 + mean**2 * self.weight2
            return np.asarray(np.maximum(spread, 0) / self.weight**2 * self.rows / (self.rows - 1))


@dataclass(frozen=True, slots=True)
class Losses:
    """The loss of each row, ready to be summed by code."""

    loss: Floats
    weight: Floats | None
    constant: float
    is_share: bool
    is_positive: bool

    @classmethod
    def of(cls, loss: Floats, weight: Floats | None) -> Losses:
        is_share = bool(((loss == 0) | (loss == 1)).all())
        constant = 0.0 if is_share else float(loss.mean())
        return cls(loss - constant, weight, constant, is_share, bool((loss >= 0).all()))

    def sums(self, codes: Sequence[NDArray[np.int16]], sizes: Sequence[int]) -> Sums:
        """Sums of the crossing of columns with ``sizes`` codes each; arrays have the shape ``sizes``."""
        cells = int(np.prod(sizes))
        found = np.zeros((6, cells))
        for start in range(0, len(self.loss), CHUNK):
            rows = slice(start, start + CHUNK)
            key = codes[0][rows].astype(np.intp)
            for code, size in zip(codes[1:], sizes[1:], strict=True):
                key *= size
                key += code[rows]
            self._add(found, key, rows)
        if self.weight is None:
            found[1] = found[3] = found[0]
            found[4] = found[2]
            if self.is_share:
                found[5] = found[2]
        return Sums(*(part.reshape(tuple(sizes)) for part in found))

    def _add(self, found: Floats, key: NDArray[np.intp], rows: slice) -> None:
        cells, x = found.shape[1], self.loss[rows]
        found[0] += np.bincount(key, minlength=cells)
        if self.weight is None:
            found[2] += np.bincount(key, x, cells)
            if not self.is_share:
                found[5] += np.bincount(key, x * x, cells)
            return
        w = self.weight[rows]
        wx = w * x
        for place, values in enumerate((w, wx, w * w, w * wx, wx * wx), start=1):
            found[place] += np.bincount(key, values, cells)

    def bounds(self, sums: Sums) -> Bounds:
        """95 % interval of the mean loss: Wilson's for shares, log-normal for losses that are positive."""
        mean = sums.mean + self.constant
        if self.is_share:
            effective = sums.effective
            return wilson(mean * effective, effective)
        return (log_interval if self.is_positive else normal_interval)(mean, sums.variance)

    def p_worse(self, ours: Sums, theirs: Sums) -> Floats:
        """One-sided p of "our rows are no worse than theirs"; 1 where they plainly are not, or a side has too
        few rows to tell.

        Errors without weights: the exact test of Fisher, which keeps its level however few rows and errors
        there are. Else Welch's test, with the larger of our own variance and that of as many rows of theirs:
        a few rows that happen to agree must not look certain.
        """
        if self.is_share and self.weight is None:
            p = _fisher(ours, theirs)
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                spread = theirs.variance * theirs.effective
                own = np.fmax(ours.variance, spread / ours.effective)
                together = own + theirs.variance
                freedom = together**2 / (
                    own**2 / (ours.effective - 1) + theirs.variance**2 / (theirs.effective - 1)
                )
                p = stdtr(freedom, (theirs.mean - ours.mean) / np.sqrt(together))
        usable = (ours.rows > 1) & (theirs.rows > 1)
        return np.where(usable & np.isfinite(p), p, 1.0)


def _fisher(ours: Sums, theirs: Sums) -> Floats:
    p = np.ones(ours.rows.shape)
    # Where we are not worse, the tail is most of the distribution: slow to sum and of no interest.
    worse = np.nonzero(ours.loss * theirs.rows > theirs.loss * ours.rows)
    wrong, rows = ours.loss[worse], ours.rows[worse]
    p[worse] = hypergeom.sf(wrong - 1, rows + theirs.rows[worse], wrong + theirs.loss[worse], rows)
    return p
