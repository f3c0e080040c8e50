"""The trade-off chart: valid for Plotly, its target area and labels where they belong."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from apps.common.charts import figure_json, number_rows
from apps.common.formats import message
from apps.compute.figures.pareto import STYLES, Mark, Objective, Trace, tradeoff
from apps.compute.messages import Message

CAUGHT = Objective("R-01", Message("Recall"), "share", 0.85, at_least=True)
BLOCKED = Objective("R-02", Message("Predicted positive rate"), "share", 0.003, at_least=False)
RUNS = [
    Trace(42, (0.6, 0.7), (0.0034, 0.0030), (0.872, 0.846), (0.0034, 0.872)),
    Trace(40, (0.6, 0.7), (0.0037, 0.0030), (0.85, 0.816), (0.0037, 0.85)),
]
MARKS = [Mark("A", 42, 0.003, 0.846, x_holds=True), Mark("B", 42, 0.00305, 0.85, x_holds=False)]


def test_plotly_takes_it() -> None:
    drawn = figure_json(tradeoff(BLOCKED, CAUGHT, RUNS, MARKS))
    go.Figure({"data": drawn["data"], "layout": drawn["layout"]}).to_dict()
    assert json.loads(json.dumps(drawn)) == drawn
    assert "<b>" not in json.dumps(drawn)


def test_shares_are_drawn_in_per_cent_and_listed_with_their_unit() -> None:
    figure = tradeoff(BLOCKED, CAUGHT, RUNS, MARKS)
    drawn = figure_json(figure)
    assert drawn["data"][0]["x"] == [0.34, 0.3]
    assert drawn["data"][0]["y"] == [87.2, 84.6]
    assert number_rows(figure)[0] == ["42", "0.60", "0.34%", "87.2%"]


def test_letters_of_options_stand_beside_the_curve() -> None:
    more = Objective("R-02", Message("Precision"), "share", 0.8, at_least=True)
    falling, rising = (tradeoff(x, CAUGHT, RUNS, MARKS).layout["annotations"][-1] for x in (more, BLOCKED))
    assert (falling["text"], falling["yshift"]) == ("B", 10)
    assert (rising["text"], rising["yshift"]) == ("B", -10)


def test_the_title_says_what_is_within_reach() -> None:
    figure = tradeoff(BLOCKED, CAUGHT, RUNS, MARKS)
    assert message(figure.title) == "R-01 against R-02: 84.6% is within reach, at least 85.0% is wanted"
    assert message(tradeoff(BLOCKED, CAUGHT, RUNS, MARKS[1:]).title) == "R-01 against R-02: no run meets both"


@pytest.mark.parametrize("x_up", [True, False])
@pytest.mark.parametrize("y_up", [True, False])
def test_the_shaded_area_is_where_both_hold(x_up: bool, y_up: bool) -> None:
    x = Objective("R-02", Message("X"), "score", 0.4, at_least=x_up)
    y = Objective("R-01", Message("Y"), "score", 0.6, at_least=y_up)
    area = figure_json(tradeoff(x, y, RUNS, MARKS))["layout"]["shapes"][0]
    assert (area["x0"] == 0.4, area["x1"] == 0.4) == (x_up, not x_up)
    assert (area["y0"] == 0.6, area["y1"] == 0.6) == (y_up, not y_up)
    assert area["x0"] < area["x1"]
    assert area["y0"] < area["y1"]


def test_many_runs_are_drawn_up_to_the_styles() -> None:
    single = [Trace(number, (None,), (number / 10,), (0.5,), None) for number in range(1, 9)]
    drawn = figure_json(tradeoff(BLOCKED, CAUGHT, single, []))["data"]
    assert [part["mode"] for part in drawn] == ["markers"] * len(STYLES)
    assert all(part["showlegend"] for part in drawn)


def test_codes_cannot_bring_markup_into_the_drawing() -> None:
    odd = Objective("<img src=x>", Message("X"), "score", 0.4, at_least=True)
    drawn = figure_json(tradeoff(odd, CAUGHT, RUNS, MARKS))["layout"]["annotations"]
    assert not any("<img" in part["text"] for part in drawn)
