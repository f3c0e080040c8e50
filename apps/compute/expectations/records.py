"""What is expected of a table, and what a check said to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from apps.compute.messages import Message

#: Column, or "*" for all -> values that mean "missing", such as -200.
SpecialValues = Mapping[str, tuple[str | float | int | bool, ...] | list[Any]]


class State(StrEnum):
    HOLDS = "holds"
    VIOLATED = "violated"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Expectation:
    """``kind`` is a key of `registry.KINDS`, which says what ``columns`` and ``params`` mean.

    What a person wrote becomes one by `registry.read`, which checks it.
    """

    kind: str
    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Other:
    """Another table that rows are looked up in, and what a reader calls it. ``path`` is None without one."""

    name: str
    path: Path | None
    special_values: SpecialValues = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A row that violates: its number from 1, and values as JSON holds them (times as ISO text)."""

    row: int
    values: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"row": self.row, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """``tested`` counts the rows that were looked at, ``violations`` those that violate; both are 0 where the
    table as a whole is meant. ``message`` says what was found.
    """

    expectation: Expectation
    state: State
    message: Message
    tested: int = 0
    violations: int = 0
    examples: tuple[Example, ...] = ()

    @property
    def share(self) -> float:
        """Of the tested rows, 0..1."""
        return self.violations / self.tested if self.tested else 0.0
