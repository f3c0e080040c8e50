"""Sentences for people, kept apart from their values so that the caller can translate them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.compute.results import MetricResult


def gettext_noop(text: str) -> str:
    """Mark ``text`` for translation. The web layer looks the translation up when it shows it."""
    return text


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number inside a sentence; the page writes it with its unit and the digits its interval supports.

    A day is a quantity too: ``unit`` is "date", ``value`` seconds since 1970. The difference of two shares
    has the unit "points".
    """

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    currency: str = ""  # of money

    @classmethod
    def of(cls, metric: MetricResult, unit: str) -> Quantity:
        return cls(metric.value, unit, metric.low, metric.high)

    def __str__(self) -> str:
        if self.value is None:
            return "—"
        if self.unit == "points":
            return f"{self.value * 100:,.4g} pp"
        return f"{self.value:.1%}" if self.unit == "share" else f"{self.value:,.4g}"

    def to_json(self) -> dict[str, Any]:
        return {name: part for name, part in asdict(self).items() if part not in (None, "")}


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with ``%(name)s`` places, and the values that go there.

    A value that is to be translated too, such as the name of a role, is a `Message` itself; one that is
    written with a unit is a `Quantity`.
    """

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def to_json(self) -> dict[str, Any]:
        params = {
            name: value.to_json() if isinstance(value, Message | Quantity) else value
            for name, value in self.params.items()
        }
        return {"text": self.text, "params": params}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        return cls(data["text"], {name: _from_json(value) for name, value in data["params"].items()})


def _from_json(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return Quantity(**{"value": None, **value}) if "unit" in value else Message.from_json(value)


class InputRejected(Exception):  # noqa: N818 - a rejection is no error of the program
    """The given data cannot be used: what is wrong, where, and what to do about it.

    ``code`` is a stable machine-readable name (``"ragged_row"``); ``column`` and ``row`` point into
    the file (rows are counted from 1 and leave the header out) when the fault has a place.
    """

    def __init__(
        self,
        code: str,
        text: str,
        /,
        *,
        column: str | None = None,
        row: int | None = None,
        **params: Any,
    ) -> None:
        self.code = code
        self.column = column
        self.row = row
        places = {"column": column, "row": row}
        self.message = Message(text, {**{k: v for k, v in places.items() if v is not None}, **params})
        super().__init__(str(self.message))
