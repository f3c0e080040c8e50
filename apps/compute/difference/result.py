"""The record of what changed between two tables, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from apps.compute.profile import Scalar


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is shown; ``number`` counts from 1, ``values`` are those of `TableDifference.shown`."""

    number: int
    values: tuple[Scalar | None, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a row in both tables; ``row`` is its number in the newer one."""

    row: int
    key: tuple[Scalar | None, ...]
    older: Scalar | None
    newer: Scalar | None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """``rows`` have another value in this column. Examples are the first of them in the newer table."""

    name: str
    rows: int
    examples: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that no key tells apart, and some of their keys."""

    older: int = 0
    newer: int = 0
    keys: tuple[tuple[Scalar | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class TableDifference:
    """older_rows = removed + changed + unchanged + rows set aside, and so for newer_rows with ``added``.

    Without ``key`` whole rows are counted: nothing is changed, and nothing is set aside. Compared are the
    ``compared`` columns that both tables have; those of different types ``as_text``, except numbers with
    numbers and dates with times. ``duplicates`` share a key with another row of their own table or match one
    that does; ``keyless`` miss a value in the key. ``columns`` changed, the most changed first.
    """

    key: tuple[str, ...]
    older_rows: int
    newer_rows: int
    added: int
    removed: int
    changed: int
    unchanged: int
    compared: int
    as_text: tuple[str, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    shown: tuple[str, ...] = ()
    added_rows: tuple[Row, ...] = ()
    removed_rows: tuple[Row, ...] = ()
    duplicates: SetAside = SetAside()
    keyless: SetAside = SetAside()

    @property
    def is_same(self) -> bool:
        return not (self.added or self.removed or self.changed)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TableDifference:
        return cls(
            **{
                **data,
                **{name: tuple(data[name]) for name in ("key", "as_text", "shown")},
                "columns": tuple(
                    ColumnChange(
                        each["name"],
                        each["rows"],
                        tuple(
                            Change(**{**change, "key": tuple(change["key"])}) for change in each["examples"]
                        ),
                    )
                    for each in data["columns"]
                ),
                **{
                    name: tuple(Row(row["number"], tuple(row["values"])) for row in data[name])
                    for name in ("added_rows", "removed_rows")
                },
                **{
                    name: SetAside(
                        data[name]["older"], data[name]["newer"], tuple(map(tuple, data[name]["keys"]))
                    )
                    for name in ("duplicates", "keyless")
                },
            }
        )
