"""Figures are drawn from real evaluations, valid for Plotly, within the limits of the design guide."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from apps.common.charts import figure_json, resolve
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.figures import Figure, figures_of
from apps.compute.figures.confusion import most_confused
from apps.compute.figures.probability import judge
from apps.compute.figures.theme import MAX_CELLS, MAX_LINE_POINTS, MAX_MARKERS, TRACE_TYPES
from apps.compute.results import EvaluationResult, Table
from apps.compute.roles import ColumnRole, Role

DATA = Path(__file__).parent.parent / "data" / "predictions"
PAGE_JSON_BYTES = 150_000
TARGET, PREDICTION = ColumnRole(Role.TARGET), ColumnRole(Role.PREDICTION)

RUNS = ("adult", "digits", "bike")


def _read(name: str) -> pl.DataFrame:
    path = DATA / name
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)


def _frame(run: str) -> tuple[pl.DataFrame, dict[str, ColumnRole]]:
    if run == "adult":
        frame = _read("adult/truth.parquet").join(_read("adult/pred_hgb.csv.gz"), on="id")
        roles = {
            "y_true": TARGET,
            "y_pred": PREDICTION,
            "proba_<=50K": ColumnRole(Role.PROBABILITY, "<=50K"),
            "proba_>50K": ColumnRole(Role.PROBABILITY, ">50K"),
        }
    elif run == "digits":
        frame = _read("digits/truth.csv").join(_read("digits/pred_lr.csv.gz"), on="id")
        roles = {"y_true": TARGET, "y_pred": PREDICTION}
        roles |= {f"proba_{digit}": ColumnRole(Role.PROBABILITY, str(digit)) for digit in range(10)}
    else:
        frame = _read("bike/combined_hgb.parquet")
        roles = {"y_true": TARGET, "y_pred": PREDICTION, "timestamp": ColumnRole(Role.TIMESTAMP)}
    latency = np.random.default_rng(0).gamma(4.0, 5.0, len(frame))
    frame = frame.with_columns(pl.Series("latency_ms", latency))
    roles["latency_ms"] = ColumnRole(Role.LATENCY)
    return frame.select(*roles), roles


@cache
def _result(run: str, folder: Path) -> EvaluationResult:
    frame, roles = _frame(run)
    path = folder / f"{run}.parquet"
    frame.write_parquet(path)
    spec = EvaluationSpec(roles=roles, positive=">50K" if run == "adult" else None, threshold=None)
    # Through JSON, as a page reads it.
    return EvaluationResult.from_json(
        json.loads(json.dumps(evaluate(path, spec, lambda message, share: None).to_json()))
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(params=RUNS)
def result(request: pytest.FixtureRequest, folder: Path) -> EvaluationResult:
    return _result(request.param, folder)


EXPECTED = {
    "adult": ["pr", "roc", "confusion", "calibration", "score_histogram", "threshold_sweep", "gains"],
    "digits": ["confusion", "per_class", "calibration", "confidence_histogram"],
    "bike": ["predicted_vs_actual", "residual_histogram", "residual_by_prediction", "residual_by_time"],
}


@pytest.mark.parametrize("run", RUNS)
def test_every_table_of_a_run_is_drawn(run: str, folder: Path) -> None:
    keys = [figure.key for figure in figures_of(_result(run, folder))]
    assert keys == [*EXPECTED[run], "latency_histogram"]


def test_plotly_accepts_every_figure(result: EvaluationResult) -> None:
    for figure in figures_of(result):
        sent = figure_json(figure)
        go.Figure(data=sent["data"], layout=sent["layout"])  # raises on an unknown name or a wrong value


def test_only_known_trace_types_and_colour_tokens(result: EvaluationResult) -> None:
    tokens = set(re.findall(r"(--[\w-]+):", (Path("static/css/tokens.css")).read_text()))
    for figure in figures_of(result):
        assert {trace["type"] for trace in figure.data} <= TRACE_TYPES
        text = json.dumps(resolve([figure.data, figure.layout]))
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", text)
        assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= tokens
        assert "template" not in figure.layout


def test_figures_stay_within_the_limits(result: EvaluationResult) -> None:
    page = 0
    for figure in figures_of(result):
        page += len(json.dumps(figure_json(figure)))
        markers = 0
        for trace in figure.data:
            if trace["type"] == "heatmap":
                assert sum(len(row) for row in trace["z"]) <= MAX_CELLS
                assert trace["xgap"] >= 1
                assert trace["ygap"] >= 1
            elif "markers" in trace.get("mode", ""):
                markers += len(trace["x"])
            else:
                assert len(trace["x"]) <= MAX_LINE_POINTS
        assert markers <= MAX_MARKERS
    assert page <= PAGE_JSON_BYTES


def test_headings_name_columns_of_the_table(result: EvaluationResult) -> None:
    for figure in figures_of(result):
        assert {heading.name for heading in figure.headings} <= set(figure.table.columns)


def _figure(run: str, key: str, folder: Path) -> Figure:
    return next(figure for figure in figures_of(_result(run, folder)) if figure.key == key)


def test_titles_say_what_the_golden_metrics_say(folder: Path) -> None:
    golden = json.loads((DATA.parent / "golden" / "adult_metrics.json").read_text())
    auc = _numbers(golden["models"]["hgb"] if "models" in golden else golden, "roc_auc")
    assert f"{auc:.1%}" in str(_figure("adult", "roc", folder).title)


def _numbers(tree: object, key: str) -> float:
    """The first number named ``key`` anywhere below ``tree``."""
    if isinstance(tree, dict):
        if isinstance(tree.get(key), float):
            return tree[key]
        for part in tree.values():
            try:
                return _numbers(part, key)
            except KeyError:
                continue
    raise KeyError(key)


def _calibration(gaps: list[float], n: int = 10_000) -> Table:
    """Ten bins whose observed share is the prediction minus the gap, known to within 0.01."""
    predicted = [0.1 + 0.085 * i for i in range(10)]
    observed = [p - gap for p, gap in zip(predicted, gaps, strict=True)]
    return Table(
        {
            "low": [i / 10 for i in range(10)],
            "high": [(i + 1) / 10 for i in range(10)],
            "mean_predicted": predicted,
            "observed": observed,
            "observed_low": [value - 0.01 for value in observed],
            "observed_high": [value + 0.01 for value in observed],
            "n": [n] * 10,
        }
    )


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ([0.0] * 10, "readable"),
        ([0.015] * 10, "readable"),  # outside the interval, but too small to matter
        ([0.2] + [0.0] * 9, "readable"),  # a tenth of the rows
        ([0.08] * 10, "too_high"),
        ([-0.08] * 10, "too_low"),
        ([-0.08] * 5 + [0.08] * 5, "extreme"),
        ([0.08] * 5 + [-0.08] * 5, "timid"),
    ],
)
def test_calibration_is_judged_in_words(gaps: list[float], verdict: str) -> None:
    assert judge(_calibration(gaps)) == verdict


def test_few_rows_do_not_make_scores_wrong() -> None:
    wide = dict(_calibration([0.08] * 10).columns)
    wide["observed_low"] = [value - 0.3 for value in wide["observed"]]
    wide["observed_high"] = [value + 0.3 for value in wide["observed"]]
    assert judge(Table(wide)) == "readable"


def test_many_classes_show_the_most_confused() -> None:
    classes = [f"c{i}" for i in range(30)]
    cells = {(name, name): 100.0 for name in classes}
    cells |= {(f"c{i}", f"c{i + 1}"): float(i) for i in range(29)}
    shown = most_confused(cells, classes)
    assert shown == [f"c{i}" for i in range(10, 30)]


def test_class_names_cannot_write_markup(folder: Path) -> None:
    frame = pl.DataFrame(
        {"truth": ["<b>x</b>", "y"] * 50, "answer": ["y", "<b>x</b>"] * 25 + ["<b>x</b>", "y"] * 25}
    )
    path = folder / "markup.parquet"
    frame.write_parquet(path)
    spec = EvaluationSpec(roles={"truth": TARGET, "answer": PREDICTION}, positive="<b>x</b>")
    figures = figures_of(evaluate(path, spec, lambda message, share: None))
    drawn = json.dumps([figure_json(figure)["data"] for figure in figures])
    assert figures
    assert "<b>" not in drawn
    assert "&lt;b&gt;x" in json.dumps([figure_json(figure)["layout"] for figure in figures])


def test_numbers_in_a_sentence_follow_their_interval() -> None:
    from apps.common.formats import message
    from apps.compute.figures import Quantity
    from apps.compute.messages import Message

    sentence = Message("%(share)s found", {"share": Quantity(0.8723, "share", 0.80, 0.94)})
    assert message(sentence) == "87% found"
