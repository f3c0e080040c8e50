"""The time line of a monitor is valid for Plotly, keeps the rules of the design guide, and is honest."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from apps.common.charts import figure_json, number_rows, resolve
from apps.compute.figures.monitor import time_line
from apps.compute.figures.monitor_series import LivePoint, LiveSeries, Mark, Release
from apps.compute.figures.theme import MAX_LINE_POINTS, TRACE_TYPES, Figure
from apps.compute.messages import Message, Quantity

TOKENS = set(re.findall(r"(--[\w-]+):", Path("static/css/tokens.css").read_text()))
EVIL = "<img src=x onerror=alert(1)>"


def point(day: int, value: float | None = 0.8, **fields: Any) -> LivePoint:
    known = {"low": 0.75, "high": 0.85} if value is not None else {}
    guess = {"estimate": 0.81, "estimate_low": 0.78, "estimate_high": 0.84}
    counts = {"drifted": 1, "strongest": 2.5, "broken": 1, "warned": 2, "rows": 1_000.0}
    at = f"2026-{1 + day // 28:02}-{1 + day % 28:02}"
    return LivePoint(at, value, **{**known, **guess, **counts, "coverage": 1.0, "latency": 60.0, **fields})


def series(points: list[LivePoint], **fields: Any) -> LiveSeries:
    said: dict[str, Any] = {"limit": Quantity(0.85, "share"), "usual": (900, 1_100), **fields}
    return LiveSeries(points=points, metric=Message("Accuracy"), unit="share", **said)


FEW = [point(0), point(1), point(2, None), point(3, None)]
MANY = [point(i, None if i % 50 == 7 else 0.8) for i in range(250)]
MARKED = series(
    FEW,
    releases=[Release("2026-01-02", EVIL)],
    alerts=[Mark("2026-01-02", "bad", Message("%(c)s is missing.", {"c": EVIL}))],
)
FIGURES = {
    "few": series(FEW),
    "many": series(MANY, each=3),
    "marked": MARKED,
    "no labels": series([point(0, None)]),
    "bare": LiveSeries([LivePoint("2026-01-01")], Message("Accuracy"), "share"),
}


def traces(figure: Figure) -> dict[str, Any]:
    return {str(trace.get("name")): trace for trace in figure.data}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_keep_the_rules(name: str) -> None:
    figure = time_line(FIGURES[name])
    sent = figure_json(figure)
    go.Figure(data=sent["data"], layout=sent["layout"])  # raises on an unknown name or a wrong value
    assert {trace["type"] for trace in figure.data} <= TRACE_TYPES
    text = json.dumps(resolve([figure.data, figure.layout]))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", text)
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= TOKENS
    assert "<img" not in text
    assert {heading.name for heading in figure.headings} == set(figure.table.columns)
    assert number_rows(figure)
    assert all(len(trace["x"]) <= MAX_LINE_POINTS for trace in figure.data)
    assert len(json.dumps(sent)) < 150_000


def test_an_estimate_never_looks_like_the_truth() -> None:
    drawn = traces(time_line(series(FEW)))
    truth, estimate = drawn["Accuracy"], drawn["estimate, no labels yet"]
    assert truth["y"] == [0.8, 0.8, None, None]
    assert estimate["y"] == [None, None, 0.81, 0.81]  # replaced where the truth is known
    assert truth["line"]["dash"] == "solid"
    assert (estimate["line"]["dash"], estimate["marker"]["color"]) == ("dash", "var(--surface)")


def test_a_band_has_the_gaps_of_its_line() -> None:
    band = time_line(series(MANY)).data[0]
    assert band["fill"] == "toself"
    stretches = band["x"].count(None) + 1
    assert stretches == 6  # five windows without labels cut the line
    assert len(band["x"]) == 2 * (250 - 5) + stretches - 1


def test_panels_stand_on_one_time_axis_and_do_not_touch() -> None:
    layout = time_line(MARKED).layout
    domains = [layout[name]["domain"] for name in sorted(layout) if name.startswith("yaxis")]
    assert len(domains) == 7  # metric, alerts, drift, quality, rows, labels, latency
    assert all(high > low >= 0 for low, high in domains)
    assert all(above[0] > below[1] for above, below in pairwise(domains))
    assert layout["xaxis"]["anchor"] == "y7"
    without = [replace(p, latency=None) for p in FEW]
    assert "yaxis6" not in time_line(series(without)).layout


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (series(FEW), "Accuracy misses its limit 85.0%: 80.0% in the newest window with labels"),
        (
            series(FEW, limit=Quantity(0.7, "share")),
            "Accuracy keeps its limit 70.0%: 80.0% in the newest window with labels",
        ),
        (
            series(FEW, at_least=False),
            "Accuracy keeps its limit 85.0%: 80.0% in the newest window with labels",
        ),
        (series(FEW, limit=None), "Accuracy is 80.0% in the newest window with labels"),
        (series([point(0, None)]), "Accuracy is estimated at 81.0%: there are no labels yet"),
        (FIGURES["bare"], "What each window held: no metric is known yet"),
    ],
)
def test_the_title_says_what_is_so(given: LiveSeries, title: str) -> None:
    assert str(time_line(given).title) == title
