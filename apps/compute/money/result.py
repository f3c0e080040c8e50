"""The money of a run: small frozen records that survive a trip through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.compute.messages import Message
from apps.compute.results import MetricResult, Table, Task
from apps.compute.value import VALUE_PER_YEAR

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval, resting on ``n`` rows. ``value`` None: there is no such number; an end
    that is None is not bounded (or one row tells of no spread). ``n`` 0: somebody stated the number.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """How one price moves the money of a year; exact, because money is linear in each price.

    ``per_year`` is what it adds now (costs are negative), ``halved`` and ``doubled`` the money at half and
    twice the price. At ``turning`` the gain is 0: None where the price does not move it, or no price that is
    0 or more does that.
    """

    name: str
    price: float
    per_year: float
    halved: float
    doubled: float
    turning: float | None


@dataclass(frozen=True, slots=True)
class BaselineGain:
    """``gain`` per year over the baseline, row by row on ``n`` common rows. ``run`` and ``baseline`` are the
    money of both on these rows; the baseline runs and trains no model.
    """

    gain: Estimate
    run: Estimate
    baseline: Estimate


@dataclass(frozen=True, slots=True)
class BreakEven:
    """When it pays: ``volume`` is the decisions in a year at which the gain is 0, ``running_cost`` the most
    that running may cost a year, ``months`` until the money spent is back.

    ``volume`` without value: no volume is enough. ``months`` without value: never at this gain.
    """

    volume: Estimate
    running_cost: Estimate
    months: Estimate


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """The threshold that earns most on one half of the rows, judged on the other.

    ``chosen_on`` is the money on the half that chose it, which flatters it. ``money`` and ``gain`` over the
    ``present`` threshold (None: the labels of the file) are those of the other half. ``called`` is the share
    of alarms there.
    """

    threshold: float
    present: float | None
    chosen_on: Estimate
    money: Estimate
    gain: Estimate
    called: float


@dataclass(frozen=True, slots=True)
class Amounts:
    """The column of amounts over all judged rows. ``cells`` has the columns cell, n, amount (a sum)."""

    column: str
    n: int
    total: float
    mean: float
    median: float
    largest: float
    cells: Table


@dataclass(frozen=True, slots=True)
class MoneyResult:
    """Money per year in whole units of ``currency``; ``gain`` is that over the ``basis``: "baseline",
    "process" or "nothing", the first of them that is known.

    ``tables`` has ``money_by_threshold``: threshold, chosen, chosen_low, chosen_high, judged, judged_low,
    judged_high (money per year on either half).
    """

    task: Task
    currency: str
    n: int
    money: Estimate
    gain: Estimate
    basis: str
    effects: tuple[Effect, ...]
    break_even: BreakEven
    delay_per_week: Estimate
    formula: Message
    baseline: BaselineGain | None = None
    process: float | None = None
    over_process: Estimate | None = None
    choice: ThresholdChoice | None = None
    amounts: Amounts | None = None
    weighted: bool = False
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    seed: int = 0
    schema_version: int = SCHEMA_VERSION

    def metric(self) -> MetricResult:
        """Money per year as the metric that requirements name: beyond the baseline where there is one."""
        found = self.baseline.gain if self.baseline else self.money
        return MetricResult(VALUE_PER_YEAR.key, found.value, found.low, found.high, found.n, "rows")

    def to_json(self) -> dict[str, Any]:
        data = {
            **asdict(self),
            "task": self.task.value,
            "effects": [asdict(effect) for effect in self.effects],
            "formula": self.formula.to_json(),
            "tables": {name: _columns(table) for name, table in self.tables.items()},
            "notes": [note.to_json() for note in self.notes],
        }
        if self.amounts:
            data["amounts"]["cells"] = _columns(self.amounts.cells)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MoneyResult:
        even = data["break_even"]
        read = {
            "task": Task(data["task"]),
            "money": Estimate(**data["money"]),
            "gain": Estimate(**data["gain"]),
            "effects": tuple(Effect(**effect) for effect in data["effects"]),
            "break_even": BreakEven(**{name: Estimate(**part) for name, part in even.items()}),
            "delay_per_week": Estimate(**data["delay_per_week"]),
            "formula": Message.from_json(data["formula"]),
            "tables": {name: Table(columns) for name, columns in data["tables"].items()},
            "notes": tuple(Message.from_json(note) for note in data["notes"]),
        }
        if data["baseline"]:
            parts = {name: Estimate(**part) for name, part in data["baseline"].items()}
            read["baseline"] = BaselineGain(**parts)
        if data["over_process"]:
            read["over_process"] = Estimate(**data["over_process"])
        if choice := data["choice"]:
            parts = {name: Estimate(**choice[name]) for name in ("chosen_on", "money", "gain")}
            read["choice"] = ThresholdChoice(**{**choice, **parts})
        if amounts := data["amounts"]:
            read["amounts"] = Amounts(**{**amounts, "cells": Table(amounts["cells"])})
        return cls(**{**data, **read})


def _columns(table: Table) -> dict[str, list[Any]]:
    return {name: list(values) for name, values in table.columns.items()}
