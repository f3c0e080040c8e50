"""The figures of drift are valid for Plotly, keep the rules of the design guide, and say what they show."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import plotly.graph_objects as go
import pytest

from apps.common.charts import figure_json, number_rows, resolve
from apps.compute.drift.result import ColumnDrift, Picture, Seen, Verdict, Word
from apps.compute.figures.drift import column
from apps.compute.figures.drift_time import Moment, TimeLine, time_line
from apps.compute.figures.drift_titles import title_of
from apps.compute.figures.theme import TRACE_TYPES, Figure
from apps.compute.messages import Message, Quantity
from tests.drift import made

TOKENS = set(re.findall(r"(--[\w-]+):", Path("static/css/tokens.css").read_text()))
DRAWN = [found for found in made.columns() if found.verdict is not Verdict.INCOMPARABLE]


def line(drifted: list[int], since: date | None = None) -> Figure:
    moments = [Moment(f"2026-11-{4 + i:02}T00:00:00", n, 0.05 * n) for i, n in enumerate(drifted)]
    watched = Message("distance of %(column)s from the reference", {"column": "score"})
    return time_line(
        TimeLine(
            moments=moments,
            watched=watched,
            limit=Quantity(0.1, "level"),
            most=12,
            columns=24,
            source=Message("By window of the current data."),
            since=since,
        )
    )


def figures() -> list[Figure]:
    found = [column(each) for each in DRAWN]
    assert None not in found
    return [*(figure for figure in found if figure), line([0, 1, 3]), line([0, 3], date(2026, 11, 5))]


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: str(figure.title)[:30])
def test_figures_keep_the_rules(figure: Figure) -> None:
    sent = figure_json(figure)
    go.Figure(data=sent["data"], layout=sent["layout"])  # raises on an unknown name or a wrong value
    assert {trace["type"] for trace in figure.data} <= TRACE_TYPES
    text = json.dumps(resolve([figure.data, figure.layout]))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", text)
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= TOKENS
    assert "<img" not in text
    assert {heading.name for heading in figure.headings} <= set(figure.table.columns)
    assert number_rows(figure)
    assert len(json.dumps(sent)) < 20_000


@pytest.mark.parametrize(
    ("drifted", "since", "title"),
    [
        ([0, 0], None, "No drift at any time"),
        ([0, 2], None, "Drift grew: 2 columns, 0 before"),
        ([3, 1], None, "Drift went back: 1 columns, 3 before"),
        ([2, 2], None, "Drift goes on: 2 of 24 columns"),
        ([2, 0], None, "The drift is over: no column is beyond its limit now"),
        ([0, 2], date(2026, 11, 5), "Drift began on 2026-11-05"),
    ],
)
def test_the_title_of_a_time_line_is_its_finding(drifted: list[int], since: date | None, title: str) -> None:
    assert str(line(drifted, since).title) == title


DRIFT = Verdict.DRIFT
SHARES = Picture((0.7, 0.2, 0.1), (0.4, 0.35, 0.25), labels=("a", "b", "c"))


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (made.number("x", 0.01, Verdict.NONE), "x looks like the reference"),
        (made.number("x", 0.5, DRIFT), "x: the middle value fell from 400 to 250"),
        (
            made.number("x", 0.5, DRIFT, current=made.side(quantiles=(0.0, 300.0, 400.0, 520.0, 900.0))),
            "x: the middle stayed, the values spread wider",
        ),
        (
            made.number("x", 0.5, DRIFT, current=made.side(quantiles=(300.0, 350.0, 400.0, 450.0, 500.0))),
            "x: the middle stayed, the values lie closer together",
        ),
        (made.category("x", 0.5, DRIFT, picture=SHARES), "x: “a” fell from 70.0% to 40.0%"),
        (
            made.category("x", 0.5, DRIFT, unseen=(Seen("new", 900),)),
            "x: “new” never occurred in the reference",
        ),
        (
            made.category("x", 0.5, DRIFT, picture=SHARES, unseen=(Seen("rare", 3),)),
            "x: “a” fell from 70.0% to 40.0%",
        ),
        (
            made.number("x", 0.9, DRIFT, words=(Word("refund", "current", 2.0), Word("ok", "reference", 1))),
            "x: “refund” is typical of the current rows, less of the reference",
        ),
        (made.incomparable("x"), "x cannot be compared"),
    ],
)  # fmt: skip
def test_the_title_of_a_column_says_what_changed(found: ColumnDrift, title: str) -> None:
    assert str(title_of(found)) == title


def test_equal_cut_labels_stay_apart() -> None:
    """Two long values that begin alike are two bars."""
    labels = ("the same long beginning 1", "the same long beginning 2")
    figure = column(made.category("x", 0.5, DRIFT, picture=Picture((0.5, 0.5), (0.2, 0.8), labels=labels)))
    assert figure is not None
    assert list(figure.data[0]["x"]) == [0, 1]
    assert list(figure.table.columns["value"]) == list(labels)
