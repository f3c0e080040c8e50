"""The figure of ageing is valid for Plotly, keeps the rules of the design guide, and says what it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from apps.common.charts import figure_json, number_rows, resolve
from apps.compute.figures.aging import AgedSeries, aging
from apps.compute.figures.theme import TRACE_TYPES, Figure
from apps.compute.messages import Message
from apps.compute.monitoring.aging import AgedPoint, Aging

TOKENS = set(re.findall(r"(--[\w-]+):", Path("static/css/tokens.css").read_text()))


def points(versions: int = 2, windows: int = 30, slope: float = 0.001) -> list[AgedPoint]:
    """An accuracy that falls by ``slope`` a day, from another start for each version."""
    noise = np.random.default_rng(3).normal(0, 0.004, versions * windows).tolist()
    return [
        AgedPoint(f"Model <{version}>", float(day), value, value - 0.01, value + 0.01)
        for version in range(versions)
        for day in range(windows)
        for value in [0.9 - 0.02 * version - slope * day + noise[version * windows + day]]
    ]


def found(**fields: Any) -> Aging:
    told = {
        **{"per_day": 0.001, "low": 0.0008, "high": 0.0012, "days": 20.0, "days_low": 16.7},
        **{"days_high": 25.0, "versions": 2, "windows": 60, "message": Message("It ages.")},
        **fields,
    }
    return Aging(**told)


NOT_AGEING = found(days=None, days_low=None, days_high=None, low=-0.0002)
UNKNOWN = found(per_day=None, low=None, high=None, days=None, days_low=None, days_high=None)


def series(given: list[AgedPoint] | None = None, said: Aging | None = None, **fields: Any) -> AgedSeries:
    told = {"metric": Message("Accuracy"), "unit": "share", "higher_is_better": True, "smallest_drop": 0.02}
    return AgedSeries(points=given or points(), found=said or found(), **{**told, **fields})


FIGURES = {
    "ageing": series(),
    "seven versions": series(points(versions=7)),
    "many windows": series(points(windows=1_000)),
    "one window": series(points(versions=1, windows=1), UNKNOWN),
    "not ageing": series(said=NOT_AGEING),
    "no upper end": series(said=found(days_high=None)),
    "far away": series(said=found(days=4_000.0, days_low=3_000.0, days_high=None)),
    "an error": series(unit="target", higher_is_better=False, smallest_drop=3.2),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_keep_the_rules(name: str) -> None:
    figure = aging(FIGURES[name])
    sent = figure_json(figure)
    go.Figure(data=sent["data"], layout=sent["layout"])  # raises on an unknown name or a wrong value
    assert {trace["type"] for trace in figure.data} <= TRACE_TYPES
    text = json.dumps(resolve([figure.data, figure.layout]))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", text)
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= TOKENS
    assert "Model <" not in text  # what people wrote is escaped
    assert {heading.name for heading in figure.headings} <= set(figure.table.columns)
    assert number_rows(figure)
    assert len(json.dumps(sent)) < 60_000


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ageing", "After 20 days a version has lost what matters"),
        ("not ageing", "No ageing is seen in 60 windows"),
    ],
)
def test_the_title_is_the_finding(name: str, title: str) -> None:
    assert str(aging(FIGURES[name]).title) == title


def marks_of(figure: Figure, version: str) -> list[tuple[float, float]]:
    columns = figure.table.columns
    rows = zip(columns["version"], columns["age"], columns["loss"], strict=True)
    return [(age, loss) for name, age, loss in rows if name == version]


@pytest.mark.parametrize("version", ["Model <0>", "Model <1>"])
def test_each_version_begins_at_nought_and_loses_as_it_was_made_to(version: str) -> None:
    ages, losses = np.array(marks_of(aging(series()), version)).T
    slope, start = np.polyfit(ages, losses, 1)
    assert slope == pytest.approx(0.001, abs=3e-4)
    assert start == pytest.approx(0.0, abs=4e-3)


def test_an_error_that_grows_is_a_loss_too() -> None:
    given = [AgedPoint("1", float(day), 10 + 0.5 * day, 9.0, 11.0) for day in range(10)]
    said = found(per_day=0.5, low=0.4, high=0.6)
    figure = aging(series(given, said, unit="target", higher_is_better=False, smallest_drop=3.0))
    assert np.allclose(marks_of(figure, "1"), [(day, 0.5 * day) for day in range(10)])


def test_the_suggested_interval_is_a_band() -> None:
    shapes = aging(series()).layout["shapes"]
    assert [(shape["x0"], shape["x1"]) for shape in shapes if shape["type"] == "rect"] == [(16.7, 25.0)]
    far = aging(FIGURES["far away"])
    assert not [shape for shape in far.layout["shapes"] if shape["type"] == "rect"]


def test_many_windows_are_drawn_as_means() -> None:
    given = points(versions=1, windows=1_000)
    figure = aging(series(given))
    drawn = figure.table.columns["value"]
    assert len(drawn) == 112  # of nine windows each, the last of one
    assert drawn[0] == pytest.approx(np.mean([point.value for point in given[:9]]), rel=1e-4)
