"""The charts of the portfolio are valid for Plotly and say what they show."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import plotly.graph_objects as go
import pytest

from apps.common.charts import figure_json, number_rows
from apps.compute.figures import Figure
from apps.compute.figures.portfolio import (
    PhaseDays,
    ProjectValue,
    phase_durations,
    time_to_production,
    use_cases,
    value_against_hope,
    verdicts_by_week,
)
from apps.compute.figures.theme import TRACE_TYPES, whole_ticks

DAYS = [date(2026, 9, 7) + timedelta(weeks=week) for week in range(12)]
PROJECTS = [
    ProjectValue(name="<b>Fraud</b>", value=1.46e6, low=1.31e6, high=1.6e6, hoped=1.2e6),
    ProjectValue(name="Churn", value=None, low=None, high=None, hoped=8e5),
    ProjectValue(name="Loss", value=-2e5, low=-3e5, high=-1e5, hoped=None),
]
FIGURES = [
    value_against_hope(PROJECTS, "EUR", 3),
    verdicts_by_week(
        DAYS,
        {
            "confirmed": list(range(12)),
            "contradicting": [0] * 12,
            "refuted": [2] * 12,
            "unverified": list(reversed(range(12))),
        },
    ),
    use_cases([("Forecasting", 5), ("Other", 1)]),
    time_to_production([("up to 7 days", 0), ("8 to 30 days", 1), ("over a year", 2)], quick=1),
    phase_durations([PhaseDays(name="Discovery", n=7, quarter=30, half=42, three_quarters=44.5)]),
]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_plotly_accepts_the_figure(figure: Figure) -> None:
    sent = json.loads(json.dumps(figure_json(figure)))
    go.Figure(data=sent["data"], layout=sent["layout"])
    assert {trace["type"] for trace in figure.data} <= TRACE_TYPES
    tokens = set(re.findall(r"(--[\w-]+):", Path("static/css/tokens.css").read_text()))
    assert set(re.findall(r"var\((--[\w-]+)\)", json.dumps(sent))) <= tokens
    assert "<b>" not in json.dumps(sent["data"])
    assert len(number_rows(figure)) == len(figure.table)


def test_titles_say_what_is_drawn() -> None:
    assert [str(figure.title) for figure in FIGURES] == [
        "1 of 2 projects reach the value they hoped for",
        "Confirmed requirements went from 0 to 11 in 12 weeks",
        "The most frequent use: Forecasting (5 of 6)",
        "1 of 3 systems went live within 90 days of their start",
        "Discovery: half of the closed phases took at most 42 days",
    ]


@pytest.mark.parametrize(
    ("most", "step"), [(0, 1), (2, 1), (5, 1), (6, 2), (11, 5), (42, 10), (99, 20), (101, 50), (1_000, 200)]
)
def test_counts_have_whole_ticks(most: int, step: int) -> None:
    assert whole_ticks(most) == step


def test_whiskers_end_at_the_bounds() -> None:
    (_loss, _churn, fraud), (_a, _b, below) = (
        FIGURES[0].data[0]["error_x"][name] for name in ("array", "arrayminus")
    )
    assert (fraud, below) == pytest.approx((1.4e5, 1.5e5))
