"""The one list of kinds of expectations. Forms, the API, documentation and the check all read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from apps.compute.expectations.params import Param, plain
from apps.compute.expectations.records import Expectation, State
from apps.compute.expectations.table import Table
from apps.compute.messages import InputRejected, Message, gettext_noop

COLUMN_CHARACTERS = 1_000
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """What a kind says to its numbers. ``rows`` are numbers of violating rows, where the kind looked for them
    itself.
    """

    state: State
    message: Message
    tested: int = 0
    violations: int = 0
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How one expectation is checked on one table.

    ``aggregates`` are computed for all expectations in one pass over the file; ``judge`` takes their values.
    ``violated`` is true for the rows that violate, where single rows can; ``shown`` are the columns of an
    example.
    """

    judge: Callable[[Mapping[str, Any]], Judged]
    aggregates: Mapping[str, pl.Expr] = field(default_factory=dict)
    violated: pl.Expr | None = None
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationKind:
    """What is known of a kind before any data.

    ``label`` and ``description`` are message ids for translation. ``least_columns`` and ``most_columns`` say
    how many columns it takes. ``settle`` looks at all settings together (InputRejected); ``describe`` says
    the expectation as a sentence, given the names of other data sets; ``plan`` raises `table.Undecided` where
    the table does not fit.
    """

    key: str
    label: str
    description: str
    describe: Callable[[Expectation, Mapping[int, str]], Message]
    plan: Callable[[Expectation, Table], Plan]
    params: tuple[Param, ...] = ()
    least_columns: int = 1
    most_columns: int = 1
    settle: Callable[[Expectation], None] | None = None


#: Key -> record, in the order in which they are offered.
KINDS: dict[str, ExpectationKind] = {}


def register(*kinds: ExpectationKind) -> None:
    """Add records. A key that is taken is a programming error (ValueError)."""
    for kind in kinds:
        if kind.key in KINDS:
            raise ValueError(f"The kind {kind.key!r} is registered twice.")
        KINDS[kind.key] = kind


def read(kind: str, columns: Sequence[str], params: Mapping[str, Any]) -> Expectation:
    """An expectation as a person gave it, checked.

    InputRejected: what is wrong; ``parameter`` of its message is the setting concerned, "kind" or "columns".
    """
    record = KINDS.get(kind)
    if record is None:
        raise InputRejected(
            "unknown_kind", _UNKNOWN_KIND, parameter="kind", kind=kind[:60], known=", ".join(KINDS)
        )
    known = {param.key for param in record.params}
    if strange := sorted(set(params) - known):
        raise InputRejected(
            "unknown_param",
            _UNKNOWN_PARAM if known else _NO_PARAMS,
            parameter=strange[0],
            name=strange[0][:60],
            kind=Message(record.label),
            known=", ".join(sorted(known)),
        )
    found = {param.key: param.value(params.get(param.key)) for param in record.params}
    given = {name: value for name, value in found.items() if value is not None}
    expectation = Expectation(kind, _columns(record, columns), given)
    if record.settle is not None:
        record.settle(expectation)
    return expectation


def _columns(record: ExpectationKind, columns: Sequence[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(columns))
    least, most = record.least_columns, record.most_columns
    if len(names) != len(columns):
        raise InputRejected("column_twice", _COLUMN_TWICE, parameter="columns")
    if not least <= len(names) <= most:
        text = _NO_COLUMNS if most == 0 else _COLUMN_COUNT if least == most else _COLUMN_RANGE
        raise InputRejected(
            "wrong_columns",
            text,
            parameter="columns",
            kind=Message(record.label),
            least=least,
            most=most,
            got=len(names),
        )
    for name in names:
        try:
            plain(name)
        except ValueError:
            raise InputRejected("wrong_columns", _COLUMN_NAME, parameter="columns") from None
        if not name.strip() or len(name) > COLUMN_CHARACTERS:
            raise InputRejected("wrong_columns", _COLUMN_NAME, parameter="columns")
    return names


def describe(expectation: Expectation, names: Mapping[int, str] | None = None) -> Message:
    """The expectation as a sentence; ``names`` are those of other data sets by id."""
    return KINDS[expectation.kind].describe(expectation, names or {})


def listed(names: Sequence[Any]) -> str | Message:
    """Names or values in a sentence: at most `SHOWN`, and how many more."""
    shown = ", ".join(str(name) for name in names[:SHOWN])
    more = len(names) - SHOWN
    return Message(_AND_MORE, {"names": shown, "more": more}) if more > 0 else shown


_UNKNOWN_KIND = gettext_noop("There is no kind of expectation “%(kind)s”. Known: %(known)s.")
_UNKNOWN_PARAM = gettext_noop("“%(kind)s” has no setting “%(name)s”. It has: %(known)s.")
_NO_PARAMS = gettext_noop("“%(kind)s” has no settings, so not “%(name)s” either.")
_COLUMN_TWICE = gettext_noop("A column is named twice. Name each column once.")
_NO_COLUMNS = gettext_noop("“%(kind)s” is about the table as a whole and takes no column.")
_COLUMN_COUNT = gettext_noop("“%(kind)s” takes this many columns: %(most)s. Given: %(got)s.")
_COLUMN_RANGE = gettext_noop("“%(kind)s” takes %(least)s to %(most)s columns. Given: %(got)s.")
_COLUMN_NAME = gettext_noop("A column's name has 1 to 1,000 characters, and every one can be stored.")
_AND_MORE = gettext_noop("%(names)s and %(more)s more")
