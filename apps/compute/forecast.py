"""When a fixed scope will be done, by resampling the weeks that the team has behind it.

Each simulated future draws weeks with replacement from the observed ones until the rest is done. Nothing is
assumed about the distribution of a week but that the coming ones resemble the past ones and do not depend on
each other (T. Magennis, Forecasting and Simulating Software Development Projects, 2011, chapter 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: With fewer weeks behind it a forecast would rest on single weeks.
LEAST_WEEKS = 4
#: Ten years. Whatever takes longer has no date that anybody could promise.
HORIZON_WEEKS = 520
RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """Weeks until the rest is done: at most ``p50`` in half of the futures, at most ``p80`` in 80 % of them.

    None when it takes longer than the horizon. ``low``, ``middle`` and ``high`` are the 10 %, 50 % and 90 %
    quantiles of the items done in the 0, 1, 2 … weeks from now, until the 90 % of the futures are through
    (shape (weeks + 1,), never more than what remains).
    """

    p50: int | None
    p80: int | None
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


def forecast(
    weekly_done: Sequence[int],
    remaining: int,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Forecast | None:
    """Forecast from the items done in each past week, idle weeks included.

    None where nothing can be said: fewer than `LEAST_WEEKS` weeks, or nothing done in any of them.
    ``remaining`` is a count; with nothing left the forecast is now. Raises ValueError on negative counts.
    """
    history = np.asarray(weekly_done, dtype=np.int64)
    if remaining < 0 or (history < 0).any():
        raise ValueError("counts cannot be negative")
    if remaining == 0:
        return Forecast(0, 0, (0.0,), (0.0,), (0.0,))
    if len(history) < LEAST_WEEKS or not history.any():
        return None
    done = np.zeros(resamples, dtype=np.int64)
    finished = [0.0]  # share of the futures that are through after so many weeks
    bands: list[NDArray[np.float64]] = [np.zeros(3)]
    while finished[-1] < 0.9 and len(finished) <= HORIZON_WEEKS:
        done = np.minimum(done + rng.choice(history, resamples), remaining)
        finished.append(float((done >= remaining).mean()))
        bands.append(np.quantile(done, (0.1, 0.5, 0.9)))
    low, middle, high = (tuple(side.tolist()) for side in np.array(bands).T)
    return Forecast(_first(finished, 0.5), _first(finished, 0.8), low, middle, high)


def _first(finished: Sequence[float], share: float) -> int | None:
    """The first week by which this share of the futures is through."""
    return next((week for week, through in enumerate(finished) if through >= share), None)
