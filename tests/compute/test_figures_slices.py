"""Figures of weak slices and of group rates: valid for Plotly, escaped, with the drawn numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from apps.common.charts import figure_json, resolve
from apps.compute.fairness import measure, measure_errors
from apps.compute.figures import fairness, slices
from apps.compute.figures.theme import Figure
from apps.compute.weak_slices import search

EVIL = "<b>evil</b>"


def checked(figure: Figure | None) -> Figure:
    assert figure is not None
    drawn = resolve([figure.data, figure.layout])
    go.Figure(data=drawn[0], layout=drawn[1])
    json.dumps(figure_json(figure), allow_nan=False)
    assert EVIL not in json.dumps(drawn)
    names = [heading.name for heading in figure.headings]
    assert set(names) == set(figure.table.columns)
    for sentence in (figure.title, figure.subtitle, figure.alt):
        assert "%(" not in str(sentence)
    return figure


def reach(trace: Any, end: str) -> list[float]:
    sign = 1 if end == "array" else -1
    return [x + sign * d for x, d in zip(trace["x"], trace["error_x"][end], strict=True)]


def test_weak_slices_with_intervals_against_all_rows() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.choice([EVIL, "b", "c"], 3000)})
    weak = (frame["a"] == EVIL).to_numpy()
    loss = (rng.random(3000) < np.where(weak, 0.4, 0.1)).astype(float)
    result = search(frame, ["a"], loss)
    figure = checked(slices.weakest(result))
    line, dots = figure.data
    assert line["x"] == [loss.mean()] * 2
    np.testing.assert_allclose(dots["x"], [loss[weak].mean()], rtol=1e-4)
    np.testing.assert_allclose(reach(dots, "array"), [result.found[0].high], rtol=1e-4)
    assert figure.table.columns["n"] == [weak.sum()]
    assert slices.weakest(search(frame, ["a"], np.zeros(3000))) is None


def test_rates_of_groups() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 3, 900)
    truth, decision = rng.random(900) < 0.5, rng.random(900) < 0.2 + 0.2 * codes
    result = measure(truth, decision, codes, [EVIL, "b", "c"])
    figure = checked(fairness.rates(result))
    assert [str(trace["name"]) for trace in figure.data] == ["Selected", "Found (recall)", "False alarms"]
    order = [group for _n, group in sorted((-(codes == g).sum(), g) for g in range(3))]
    expected = [decision[codes == group].mean() for group in order]
    np.testing.assert_allclose(figure.data[0]["x"], expected, rtol=1e-4)
    assert figure.table.columns["selection_rate"] == expected
    assert fairness.rates(measure_errors(rng.normal(size=900), codes, "abc")) is None
