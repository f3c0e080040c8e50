"""Sentences for people, kept apart from their values so that the caller can translate them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def gettext_noop(text: str) -> str:
    """Mark ``text`` for translation. The web layer looks the translation up when it shows it."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with ``%(name)s`` places, and the values that go there.

    A value that is to be translated too, such as the name of a role, is a `Message` itself.
    """

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def to_json(self) -> dict[str, Any]:
        params = {
            name: value.to_json() if isinstance(value, Message) else value
            for name, value in self.params.items()
        }
        return {"text": self.text, "params": params}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        params = {
            name: cls.from_json(value) if isinstance(value, Mapping) else value
            for name, value in data["params"].items()
        }
        return cls(data["text"], params)


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
