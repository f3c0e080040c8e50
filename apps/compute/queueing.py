"""Little's law: what batches, calls at a time and the duration of a call allow.

In a steady state the rows inside a system are the rows that arrive per second times the seconds that each
spends there (Little 1961). A server that holds ``concurrency`` calls of ``batch_size`` rows for ``call_ms``
each lets at most concurrency x batch_size / call_ms x 1000 rows through in a second, and no row is back
before its call ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """How a server is called; None where nobody said."""

    batch_size: int | None = None
    concurrency: int | None = None
    call_ms: float | None = None

    @property
    def throughput(self) -> float | None:
        """Most rows per second, or None when something is unsaid."""
        if self.batch_size is None or self.concurrency is None or self.call_ms is None:
            return None
        return self.concurrency * self.batch_size / self.call_ms * 1_000

    @property
    def latency_ms(self) -> float | None:
        """Shortest time in which any row comes back, in milliseconds."""
        return self.call_ms

    def over(self, other: Load) -> Load:
        """This load, with what it leaves unsaid taken from the other one."""
        return Load(
            self.batch_size if self.batch_size is not None else other.batch_size,
            self.concurrency if self.concurrency is not None else other.concurrency,
            self.call_ms if self.call_ms is not None else other.call_ms,
        )

    def seconds_for(self, rows: int) -> float | None:
        """How long ``rows`` take that all wait at the start, in whole rounds of calls."""
        if self.batch_size is None or self.concurrency is None or self.call_ms is None:
            return None
        return math.ceil(rows / (self.batch_size * self.concurrency)) * self.call_ms / 1_000


def concurrency_needed(per_second: float, latency_ms: float, batch_size: int = 1) -> int:
    """Calls that must be under way at once so that ``per_second`` rows pass: ceil(rows inside / batch)."""
    return math.ceil(round(per_second * latency_ms / 1_000 / batch_size, 9))


def longest_call_ms(per_second: float, batch_size: int, concurrency: int) -> float:
    """The longest call with which ``per_second`` rows still pass, in milliseconds; for none of them any."""
    if per_second == 0:
        return math.inf
    return concurrency * batch_size / per_second * 1_000
