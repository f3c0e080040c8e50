"""How a comparison is laid out: what the address asks for, and runs as rows when there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from apps.compute.comparison_result import ComparisonResult
from apps.evaluations.comparison_report import LETTERS, Cell, Column, MetricRow
from apps.evaluations.comparison_settings import Setting

#: With more runs, runs are rows unless the address says otherwise.
MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """What the query string asks for; what it gets wrong counts as not asked."""

    metric: str
    only_differences: bool
    transposed: bool
    aggregated: bool
    draw: Sequence[str]
    sort: str
    query: QueryDict

    @classmethod
    def of(cls, query: QueryDict, result: ComparisonResult) -> Choice:
        keys = {metric.key for metric in result.metrics}
        metric = query.get("metric", "")
        sort = query.get("sort", "")
        return cls(
            metric=metric if metric in keys else result.main,
            only_differences=query.get("only") == "differences",
            transposed=query.get("transpose", "1" if len(result.rows) > MOST_COLUMNS else "0") == "1",
            aggregated=query.get("aggregate") == "1",
            draw=[letter for letter in query.getlist("draw") if letter in LETTERS],
            sort=sort if sort.removeprefix("-") in keys else "",
            query=query,
        )

    def links(self) -> Mapping[str, str]:
        """Addresses that turn one part over and keep the others."""
        return {
            "only": self._with("only", "" if self.only_differences else "differences"),
            "transpose": self._with("transpose", "0" if self.transposed else "1"),
            "aggregate": self._with("aggregate", "" if self.aggregated else "1"),
        }

    def _with(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.pop(name, None)
        if value:
            query[name] = value
        return f"?{query.urlencode()}"

    def others(self, name: str) -> list[tuple[str, str]]:
        """All that is asked for beside ``name``, for the hidden fields of a form."""
        return [
            (key, value)
            for key, values in self.query.lists()
            if key not in (name, "page")
            for value in values
        ]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as a row: ``cells`` has one per metric, ``settings`` one text per setting that differs."""

    column: Column
    cells: Sequence[Cell]
    settings: Sequence[tuple[str, bool]]


def run_rows_of(
    rows: Sequence[MetricRow], settings: Sequence[Setting], shown: Sequence[Column], sort: str = ""
) -> list[RunRow]:
    """The table turned over; ``sort`` is the key of a metric, "-" before it: from the top down. Runs without
    the metric come last.
    """
    found = [
        RunRow(column, [row.cells[place] for row in rows], [setting.values[place] for setting in settings])
        for place, column in enumerate(shown)
    ]
    places = [place for place, row in enumerate(rows) if row.metric.key == sort.removeprefix("-")]
    if not places:
        return found

    def value_of(row: RunRow) -> float | None:
        result = row.cells[places[0]].result
        return None if result is None else result.value

    known = sorted(
        (row for row in found if value_of(row) is not None),
        key=lambda row: value_of(row) or 0.0,
        reverse=sort.startswith("-"),
    )
    return [*known, *(row for row in found if value_of(row) is None)]
