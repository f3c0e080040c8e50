"""What kinds have in common that judge row by row: they count the rows with a value that violate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from apps.compute.expectations.records import State
from apps.compute.expectations.registry import Judged, Plan
from apps.compute.messages import Message, Quantity, gettext_noop

TESTED, VIOLATIONS = "tested", "violations"
Details = Callable[[Mapping[str, Any]], Message | None]


def counted(
    present: pl.Expr,
    violated: pl.Expr,
    shown: tuple[str, ...],
    *,
    extra: Mapping[str, pl.Expr] | None = None,
    details: Details = lambda _found: None,
) -> Plan:
    """A plan that holds where no row violates. ``extra`` are aggregates for ``details``, a sentence more."""
    wrong = present & violated.fill_null(False)

    def judge(found: Mapping[str, Any]) -> Judged:
        tested, violations = int(found[TESTED]), int(found[VIOLATIONS])
        if violations == 0:
            return Judged(
                State.HOLDS, Message(_ALL, {"tested": tested}) if tested else Message(NO_VALUE), tested
            )
        return Judged(State.VIOLATED, violated_in(violations, tested, details(found)), tested, violations)

    aggregates = {TESTED: present.sum(), VIOLATIONS: wrong.sum(), **(extra or {})}
    return Plan(judge, aggregates, wrong, shown)


def violated_in(violations: int, tested: int, more: Message | None = None) -> Message:
    params = {"count": violations, "tested": tested, "share": Quantity(violations / tested, "share")}
    return Message(_SOME, params) if more is None else Message(_SOME_AND, {**params, "more": more})


NO_VALUE = gettext_noop("No row has a value.")
_ALL = gettext_noop("Rows with a value: %(tested)s, all as expected.")
_SOME = gettext_noop("Not so in %(count)s of %(tested)s rows with a value, %(share)s.")
_SOME_AND = gettext_noop("Not so in %(count)s of %(tested)s rows with a value, %(share)s. %(more)s")
