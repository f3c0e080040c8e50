"""The column that tells the time: which it is, what it spans, and its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.compute.drift.columns import Floats
from apps.compute.drift.result import Window
from apps.compute.drift.sides import OpenSide
from apps.compute.drift.since import windows_of
from apps.compute.drift.spec import DriftSpec
from apps.compute.drift.timeline import Timeline, period, timeline
from apps.compute.messages import Message, gettext_noop
from apps.compute.roles import Role


@dataclass(frozen=True, slots=True)
class Clock:
    """``line`` None: nothing can be dated. The periods are as in `result.DriftResult`."""

    column: str = ""
    line: Timeline | None = None
    period: tuple[str, str] | None = None
    reference_period: tuple[str, str] | None = None
    notes: tuple[Message, ...] = ()

    def windows(self, strengths: Sequence[Floats | None]) -> tuple[Window, ...]:
        if self.line is None:
            return ()
        return windows_of(self.line, [each for each in strengths if each is not None])


def column_of_times(spec: DriftSpec) -> str:
    """The chosen column, else the first with the role of the time, else ""."""
    told = (name for name, role in spec.roles.items() if role is Role.TIMESTAMP)
    return spec.time_column or next(told, "")


def read_clock(reference: OpenSide, current: OpenSide, spec: DriftSpec) -> Clock:
    column = column_of_times(spec)
    if not column:
        return Clock()
    if column not in current.schema:
        return Clock(column, notes=(Message(_MISSING, {"column": column}),))
    times = current.read([column]).to_series()
    spanned = period(times)
    if spanned is None:
        return Clock(column, notes=(Message(_NO_TIMES, {"column": column}),))
    before = period(reference.read([column]).to_series()) if column in reference.schema else None
    return Clock(column, timeline(times), spanned, before)


_MISSING = gettext_noop("Nothing is dated: the current side has no column %(column)s.")
_NO_TIMES = gettext_noop("Nothing is dated: the column %(column)s of the current side holds no times.")
