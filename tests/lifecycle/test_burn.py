"""Burn-down and burn-up: the series counted by hand, and figures that Plotly accepts."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from django.utils import timezone

from apps.common.charts import figure_json, resolve
from apps.common.formats import message
from apps.compute.figures import Figure
from apps.compute.figures.burn import burn_up as drawn
from apps.compute.figures.theme import MAX_LINE_POINTS, TRACE_TYPES
from apps.compute.forecast import forecast
from apps.lifecycle import burn
from apps.lifecycle.models import Deliverable, Hypothesis, Phase, ScopeChange

START = date(2026, 3, 2)
TOKENS = set(re.findall(r"(--[\w-]+):", Path("static/css/tokens.css").read_text()))


def day(number: int) -> date:
    return START + timedelta(days=number)


def moment(number: int) -> datetime:
    return timezone.make_aware(datetime.combine(day(number), datetime.min.time()))


def discovery(closed: int | None = None) -> Phase:
    closed_at = None if closed is None else moment(closed)
    return Phase(kind=Phase.Kind.DISCOVERY, started_on=START, ends_on=day(42), closed_at=closed_at)


def delivery(promised: int | None = 60, closed: int | None = None) -> Phase:
    return Phase(
        kind=Phase.Kind.DELIVERY,
        started_on=START,
        promised_on=None if promised is None else day(promised),
        closed_at=None if closed is None else moment(closed),
    )


def hypotheses(*days: tuple[int, int | None]) -> list[Hypothesis]:
    """Pairs of the days on which each was added and settled."""
    return [
        Hypothesis(added_on=day(added), settled_on=None if settled is None else day(settled))
        for added, settled in days
    ]


def deliverables(*parts: tuple[int, int | None]) -> list[Deliverable]:
    """Pairs of size and the day on which each was done."""
    return [
        Deliverable(size=size, added_on=START, done_on=None if done is None else day(done))
        for size, done in parts
    ]


def change(at: int, by: int) -> ScopeChange:
    return ScopeChange(day=day(at), change=by)


WEEKS = deliverables(*[(1, 2 + 7 * week) for week in range(6)], (3, None), (3, None))

DOWN = {
    "half way": (discovery(), hypotheses((0, 7), (0, 14), (3, None)), day(20)),
    "overdue": (discovery(), hypotheses((0, 7), (0, None)), day(50)),
    "closed": (discovery(40), hypotheses((0, 7), (0, 35)), day(90)),
    "not begun": (discovery(), hypotheses((0, None)), day(-5)),
}
UP = {
    "first day": (delivery(), deliverables((2, None)), [], day(0)),
    "too early": (delivery(), deliverables((2, 3), (4, None)), [], day(20)),
    "on the way": (delivery(), WEEKS, [change(20, 3)], day(42)),
    "late": (delivery(promised=50), WEEKS, [change(20, -2)], day(42)),
    "nothing promised": (delivery(None), WEEKS, [], day(42)),
    "done": (delivery(), deliverables((2, 3), (4, 40)), [], day(42)),
    "closed": (delivery(closed=30), deliverables((2, 3), (4, None)), [], day(90)),
    "no scope": (delivery(), [], [], day(30)),
    "ten years": (delivery(), deliverables((1, 30), (10_000, None)), [], day(3_000)),
}


def figures() -> dict[str, Figure]:
    found = {f"down, {name}": burn.burn_down_figure(*case) for name, case in DOWN.items()}
    return found | {f"up, {name}": drawn(burn.burn_up(*case)) for name, case in UP.items()}


@pytest.fixture(params=sorted(figures()))
def figure(request: pytest.FixtureRequest) -> Figure:
    return figures()[request.param]


def test_plotly_accepts_every_figure(figure: Figure) -> None:
    sent = figure_json(figure)
    json.dumps(sent)
    go.Figure(data=sent["data"], layout={key: part for key, part in sent["layout"].items() if key != "meta"})


def test_figures_keep_the_rules_of_the_design(figure: Figure) -> None:
    assert {trace["type"] for trace in figure.data} <= TRACE_TYPES
    assert all(len(trace["x"]) == len(trace["y"]) <= MAX_LINE_POINTS for trace in figure.data)
    drawn = json.dumps(resolve([figure.data, figure.layout]))
    assert set(re.findall(r"var\((--[\w-]+)\)", drawn)) <= TOKENS
    assert {heading.name for heading in figure.headings} == set(figure.table.columns)
    for sentence in (figure.title, figure.subtitle, figure.alt):
        assert "%(" not in message(sentence)
        assert "%%" not in message(sentence)


class TestBurnDown:
    def test_open_hypotheses_by_day(self) -> None:
        series = burn.burn_down(*DOWN["half way"])
        assert list(zip(series.days, series.open, strict=True)) == [(0, 2), (3, 3), (7, 2), (14, 1), (20, 1)]
        assert (series.total, series.settled, series.length, series.today) == (3, 2, 42, 20)

    def test_a_closed_one_ends_where_it_closed(self) -> None:
        series = burn.burn_down(*DOWN["closed"])
        assert (series.days[-1], series.open[-1], series.today) == (40, 0, None)

    def test_the_even_pace_ends_with_the_timebox(self) -> None:
        pace = burn.burn_down_figure(*DOWN["overdue"]).data[0]
        assert (pace["x"], pace["y"]) == ([0, 42], [2, 0])

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("half way", "Discovery: 2 of 3 hypotheses settled on day 20 of 42"),
            ("overdue", "Discovery: the time is over, 1 of 2 hypotheses are settled"),
            ("closed", "Discovery: 2 of 2 hypotheses settled in 40 days"),
            ("not begun", "Discovery: 1 hypotheses wait for the start"),
        ],
    )
    def test_titles(self, name: str, title: str) -> None:
        assert message(burn.burn_down_figure(*DOWN[name]).title) == title

    def test_today_and_the_end_are_marked(self) -> None:
        lines = [shape["x0"] for shape in burn.burn_down_figure(*DOWN["half way"]).layout["shapes"]]
        assert lines == [42, 20]


class TestBurnUp:
    def test_done_and_scope_by_day(self) -> None:
        series = burn.burn_up(*UP["on the way"])
        at = dict(zip(series.days, zip(series.done, series.scope, strict=True), strict=True))
        assert at[day(0)] == (0, 9)
        assert at[day(2)] == (1, 9)
        assert at[day(19)] == (3, 9)
        assert at[day(20)] == (3, 12)
        assert at[day(42)] == (6, 12)
        assert (series.remaining, series.grown) == (6, 3)

    def test_what_was_taken_out_left_the_scope_on_its_day(self) -> None:
        parts = deliverables((5, None), (2, None))
        parts[1].removed_on = day(10)
        series = burn.burn_up(delivery(), parts, [change(10, -2)], day(20))
        assert [series.scope[0], series.scope[9], series.scope[10]] == [7, 7, 5]

    def test_long_deliveries_are_drawn_by_week(self) -> None:
        series = burn.burn_up(delivery(), WEEKS, [], day(100))
        assert series.days[1] - series.days[0] == timedelta(days=7)
        assert series.days[-1] == day(100)

    def test_weeks_are_counted_back_from_today(self) -> None:
        done = [(day(0), 9), (day(1), 1), (day(7), 2), (day(8), 4), (day(22), 8)]
        assert burn.weekly_done(START, done, day(22)) == [6, 0, 8]  # 2..8, 9..15, 16..22
        assert burn.weekly_done(START, done, day(6)) == []

    def test_the_forecast_resamples_these_weeks(self) -> None:
        series = burn.burn_up(*UP["on the way"])
        weeks = burn.weekly_done(START, [(day(2 + 7 * week), 1) for week in range(6)], day(42))
        assert weeks == [1] * 6
        assert series.forecast == forecast(weeks, 6, np.random.default_rng(burn.SEED))
        assert (series.p50_on, series.p80_on) == (day(84), day(84))

    def test_the_same_day_shows_the_same_forecast(self) -> None:
        uneven = deliverables((4, 3), (1, 20), (2, 33), (20, None))
        first, second = (burn.burn_up(delivery(), uneven, [], day(42)) for _ in range(2))
        assert first.forecast == second.forecast
        assert first.p50_on is not None
        assert first.p80_on is not None
        assert first.p50_on < first.p80_on

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("first day", "Delivery: 0 of 2 items done, cannot forecast yet"),
            ("too early", "Delivery: 2 of 6 items done, cannot forecast yet"),
            ("late", "Delivery: expected on 25 May 2026, after the promised 21 April 2026"),
            ("nothing promised", "Delivery: expected to end on 25 May 2026"),
            ("done", "Delivery: all 6 items of work are done"),
            ("closed", "Delivery: closed with 2 of 6 items done"),
            ("no scope", "Delivery: the scope is empty"),
            ("ten years", "Delivery: at the present pace it takes more than ten years"),
        ],
    )
    def test_titles(self, name: str, title: str) -> None:
        year = f" {timezone.localdate().year}"
        assert message(drawn(burn.burn_up(*UP[name])).title) == title.replace(year, "")

    @pytest.mark.parametrize(("name", "side"), [("late", "left"), ("nothing promised", "right")])
    def test_the_expected_day_keeps_clear_of_the_promise(self, name: str, side: str) -> None:
        layout = drawn(burn.burn_up(*UP[name])).layout
        *promise, expected = layout["annotations"]
        assert layout["meta"]["narrow"]["annotations"] == promise
        assert expected["x"] == burn.burn_up(*UP[name]).p50_on.isoformat()
        assert expected["xanchor"] == side

    def test_the_band_ends_where_nine_of_ten_futures_do(self) -> None:
        band, middle = drawn(burn.burn_up(*UP["on the way"])).data[:2]
        assert band["x"][0] == middle["x"][0] == day(42).isoformat()
        assert max(band["y"]) == 12
        assert middle["x"][-1] == day(84).isoformat()
