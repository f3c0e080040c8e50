"""Fixtures of the reference projects: inputs, their official numbers, and the proof that none was skipped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from apps.common.charts import figure_json
from apps.compute.figures.protocols import figures_of_protocol, headings_of
from apps.compute.protocols import ProtocolResult, Tables, judge
from apps.compute.results import Table
from apps.compute.roles import ColumnRole, Role

FOLDER = Path(__file__).parents[2] / "data" / "golden_official"
#: Parts of every file that are words about the numbers.
WORDS = frozenset(
    {
        "official_code", "file", "headline", "what", "definition", "definitions", "tolerance", "run_with",
        "sources", "region_order", "group_order", "label_order", "token_types",
    }
)  # fmt: skip
COMMON = {"id": Role.ID, "y_true": Role.TARGET, "y_pred": Role.PREDICTION, "score": Role.PROBABILITY}


class Golden:
    """The numbers of one fixture by path, each of which is to be compared once, or left out for a reason."""

    def __init__(self, name: str, tolerance: float, *, relative: bool = False) -> None:
        self.folder = FOLDER / name
        self.data = json.loads((self.folder / "expected.json").read_text())
        self.left = dict(_leaves({k: v for k, v in self.data.items() if k not in WORDS}))
        self.tolerance = {"rel": tolerance, "abs": 1e-13} if relative else {"rel": 0.0, "abs": tolerance}

    def equal(self, path: str, value: Any) -> None:
        expected = self.left.pop(path)
        if expected is None:
            assert value is None, path
        else:
            assert value == pytest.approx(expected, **self.tolerance), path

    def matches(self, prefix: str, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            self.equal(f"{prefix}/{key}", value)

    def leave(self, path: str, reason: str) -> None:
        assert reason
        del self.left[path]

    def done(self) -> None:
        assert not self.left


def _leaves(node: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return [leaf for key, child in node.items() for leaf in _leaves(child, f"{path}/{key}".lstrip("/"))]
    if isinstance(node, list):
        return [leaf for place, child in enumerate(node) for leaf in _leaves(child, f"{path}/{place}")]
    return [(path, node)]


def run(
    folder: Path, key: str, params: Mapping[str, Any], where: Path, roles: Mapping[str, Role] | None = None
) -> ProtocolResult:
    """Judge ``folder``/input.csv, which carries its own truth."""
    path = where / "input.parquet"
    frame = pl.read_csv(folder / "input.csv", infer_schema_length=None)
    frame.write_parquet(path)
    known = {
        name: ColumnRole(role)
        for name, role in (COMMON if roles is None else roles).items()
        if name in frame.columns
    }
    result = judge(key, Tables(path, path), params, roles=known)
    again = ProtocolResult.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False)))
    assert again.to_json() == result.to_json()
    for metric in result.metrics:
        if metric.low is not None and metric.value is not None and metric.high is not None:
            assert metric.low <= metric.value <= metric.high
    check_figures(result)
    return result


def check_figures(result: ProtocolResult) -> None:
    """Plotly accepts every figure, sentences have their values, and every column of a table has words."""
    figures = figures_of_protocol(result)
    assert figures
    for figure in figures:
        sent = figure_json(figure)
        go.Figure(data=sent["data"], layout=sent["layout"])  # raises on an unknown name or a wrong value
        assert all(str(words) for words in (figure.title, figure.subtitle, figure.alt))
        assert "—" not in str(figure.title)
    for table in result.tables.values():
        headings = headings_of(table)
        assert {heading.name for heading in headings} == set(table.columns)
        assert all(str(heading.label) != heading.name for heading in headings)


def by(table: Table, key: str, value: str) -> dict[str, Any]:
    return dict(table.rows(key, value))
