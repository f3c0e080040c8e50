"""Figures of money and of the gain ledger: valid for Plotly, with the numbers where they belong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from apps.common.charts import figure_json, number_rows
from apps.common.formats import message
from apps.compute.figures import money
from apps.compute.figures.ledger import gain_per_day, waterfall
from apps.compute.figures.theme import Figure
from apps.compute.ledger import Entry, Kind
from apps.compute.messages import Message
from apps.compute.money.judge import judge_money
from apps.compute.money.result import MoneyResult
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role
from apps.compute.value import Prices

METRIC = Message("PR AUC")


def drawn(figure: Figure) -> dict[str, Any]:
    """As the page gets it; Plotly refuses what it does not know."""
    found = figure_json(figure)
    go.Figure({"data": found["data"], "layout": found["layout"]}).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for words in (figure.title, figure.subtitle, figure.alt):
        assert "%(" not in message(words)
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> MoneyResult:
    rng = np.random.default_rng(3)
    score = rng.random(4_000)
    path = tmp_path_factory.mktemp("money") / "run.parquet"
    pl.DataFrame({"y": (rng.random(4_000) < score).astype(int), "p": score}).write_parquet(path)
    roles = {"y": ColumnRole(Role.TARGET), "p": ColumnRole(Role.PROBABILITY, "1")}
    prices = Prices(volume_per_year=1e6, hit=9, false_alarm=1, running_cost=50_000)
    return judge_money(path, roles, Task.BINARY, prices)


def test_money_over_thresholds(judged: MoneyResult) -> None:
    figure = money.by_threshold(judged)
    assert figure is not None
    assert judged.choice is not None
    found = drawn(figure)
    assert message(figure.title).startswith("The threshold 0.")
    assert "a year more than the present one" in message(figure.title)
    assert found["layout"]["shapes"][0]["x0"] == 0.5
    assert found["data"][3]["x"] == [judged.choice.threshold]
    assert found["layout"]["yaxis"]["title"]["text"] == "Money per year, EUR"


def test_the_price_that_moves_most_comes_first(judged: MoneyResult) -> None:
    figure = money.tornado(judged)
    assert figure is not None
    found = drawn(figure)
    assert found["layout"]["yaxis"]["ticktext"][0] == "Hit"
    assert [row[0] for row in number_rows(figure)] == [
        "Value of a hit, a right or an exact answer",
        "Decisions in a year",
        "Cost of a false alarm",
        "Running cost per year",
    ]
    halved, doubled = found["data"]
    hit = next(effect for effect in judged.effects if effect.name == "hit")
    assert halved["base"] + halved["x"][0] == pytest.approx(hit.halved, rel=1e-3)
    assert doubled["base"] + doubled["x"][0] == pytest.approx(hit.doubled, rel=1e-3)


ENTRIES = [
    Entry("Wrong labels removed", Kind.DATA, 0.014, 0.009, 0.019, 3, 1_900),
    Entry("Sequence <b>model</b>", Kind.MODEL, 0.016, 0.003, 0.029, 12, 9_400, kept=False),
    Entry("Monotonic constraints", Kind.MODEL, -0.003, -0.006, 0.0, days=0),
    Entry("Wrong labels removed", Kind.DATA, 0.028, 0.02, 0.036, days=2),
]


def test_the_waterfall_leads_from_the_first_model_to_the_last() -> None:
    figure = waterfall(ENTRIES, 0.702, metric=METRIC, unit="score", names=("Run 38", "Run 42"))
    found = drawn(figure)
    ends, data, model = found["data"]
    assert found["layout"]["xaxis"]["title"]["text"] == "PR AUC, axis starts at 0.69"
    assert ends["base"] == [0.69, 0.69]
    assert ends["text"] == ["0.702", "0.741"]
    assert (data["base"], data["x"], data["text"]) == ([0.702, 0.713], [0.014, 0.028], ["+0.014", "+0.028"])
    assert (model["base"], model["x"], model["text"]) == ([0.713], [0.003], ["−0.003"])
    assert (data["marker"]["color"], model["marker"]["pattern"]["shape"]) == ("var(--c1)", "/")
    assert found["layout"]["yaxis"]["ticktext"][1:4] == [
        "Wrong labels removed",
        "Monotonic constraints",
        "Wrong labels removed",
    ]
    assert message(figure.title) == "Data work brought 0.042 of the change of 0.039"
    assert number_rows(figure)[0][:2] == ["Wrong labels removed", "data"]


def test_shares_are_drawn_in_per_cent() -> None:
    steel = [Entry("Model", Kind.MODEL, 0.0), Entry("Data", Kind.DATA, 0.169)]
    names = (Message("Before"), "After")
    figure = waterfall(steel, 0.762, metric=Message("Accuracy"), unit="share", names=names)
    found = drawn(figure)
    assert found["data"][0]["text"] == ["76.2", "93.1"]
    assert found["data"][1]["x"] == [16.9]
    assert found["layout"]["xaxis"]["title"]["text"].startswith("Accuracy, %; axis starts at 7")
    assert (
        drawn(waterfall([], 0.762, metric=METRIC, unit="share", names=names))["data"][0]["text"][0] == "76.2"
    )


def test_gain_per_day_leaves_out_changes_without_days() -> None:
    figure = gain_per_day(ENTRIES, metric=METRIC, unit="score")
    assert figure is not None
    found = drawn(figure)
    assert [row[0] for row in number_rows(figure)] == [
        "Wrong labels removed",
        "Sequence <b>model</b>",
        "Wrong labels removed",
    ]
    assert "<b>" not in json.dumps(found["layout"])
    assert found["data"][0]["x"] == pytest.approx([0.014 / 3, 0.014], rel=1e-4)
    assert gain_per_day(ENTRIES[2:3], metric=METRIC, unit="score") is None
