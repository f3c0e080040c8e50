"""Comparisons of real runs against the golden pairwise numbers, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from apps.compute.aligned import Side
from apps.compute.comparison import compare
from apps.compute.comparison_result import ComparisonResult
from apps.compute.corrections import holm
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.messages import InputRejected, Message
from apps.compute.paired.spread import Agreement
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role

DATA = Path(__file__).parent.parent / "data"
TARGET, ID, PREDICTION = (ColumnRole(role) for role in (Role.TARGET, Role.ID, Role.PREDICTION))


def quiet(_message: Message, _share: float) -> None:
    pass


def _read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)


def _file(name: str, start: str) -> Path:
    return next(
        path for path in sorted((DATA / "predictions" / name).iterdir()) if path.name.startswith(start)
    )


def side(folder: Path, name: str, model: str, positive: str | None = None, *, reference: bool = True) -> Side:
    """A run of the shared data: predictions joined with the truth, as the portal joins them."""
    truth = _read(_file(name, "truth"))
    if not reference:
        truth = truth.filter(~pl.col("window").str.starts_with("reference"))
    truth = truth.select("id", "y_true")
    predictions = _read(_file(name, f"pred_{model}"))
    path = folder / f"{name}-{model}.parquet"
    truth.join(predictions.drop("y_true", strict=False), on="id").write_parquet(path)
    roles = {"id": ID, "y_true": TARGET}
    for column in predictions.columns:
        if column == "y_pred":
            roles[column] = PREDICTION
        elif column == "y_proba":
            roles[column] = ColumnRole(Role.PROBABILITY, positive or "")
        elif column.startswith("proba_"):
            roles[column] = ColumnRole(Role.PROBABILITY, column.removeprefix("proba_"))
    return Side(model, path, roles, positive)


def _golden(name: str) -> dict[str, Any]:
    return dict(json.loads((DATA / "golden" / f"{name}_metrics.json").read_text())["pairwise"])


GOLDEN = [
    ("adult", Task.BINARY, ">50K"),
    ("breast_cancer", Task.BINARY, "malignant"),
    ("elec2", Task.BINARY, "1"),
    ("sentiment", Task.BINARY, "1"),
    ("digits", Task.MULTICLASS, None),
    ("room_occupancy", Task.MULTICLASS, None),
]


@pytest.mark.parametrize(("name", "task", "positive"), GOLDEN)
def test_tests_of_real_pairs_are_the_reference_ones(
    tmp_path: Path, name: str, task: Task, positive: str | None
) -> None:
    golden = _golden(name)
    for pair, expected in golden["mcnemar"].items():
        first, second = pair.removesuffix("_not_reference").split("_vs_")
        chosen = {"reference": not pair.endswith("_not_reference")}
        sides = [side(tmp_path, name, model, positive, **chosen) for model in (first, second)]
        result = compare(sides, task, quiet)
        (both, only_first), (only_second, neither) = expected["table_[both_right,a_only],[b_only,both_wrong]"]
        assert result.agreements == (Agreement(both, only_first, only_second, neither),)
        (difference,) = result.metric("accuracy").differences
        assert difference is not None
        assert -difference.value == pytest.approx(expected["acc_diff_a_minus_b"], rel=1e-9, abs=1e-12)
        assert difference.p == pytest.approx(expected["exact_p"], rel=1e-9)
        assert difference.method == "mcnemar"
        delong = golden.get(f"delong_{pair}")
        if delong:
            metric = result.metric("roc_auc")
            (difference,) = metric.differences
            assert difference is not None
            assert [value and value.value for value in metric.values] == pytest.approx(
                [delong["auc_a"], delong["auc_b"]], rel=1e-9
            )
            variance = delong["var_a"] + delong["var_b"] - 2 * delong["cov_ab"]
            assert difference.high - difference.value == pytest.approx(
                stats.norm.ppf(0.975) * variance**0.5, rel=1e-9
            )
            assert difference.p == pytest.approx(delong["p_two_sided"], rel=1e-9)


def test_the_values_are_those_of_the_reports(tmp_path: Path) -> None:
    for name, task, positive in GOLDEN[2:5]:
        models = {"elec2": ("lr", "hgb"), "sentiment": ("nb", "lr"), "digits": ("knn", "lr")}[name]
        sides = [side(tmp_path, name, model, positive) for model in models]
        result = compare(sides, task, quiet)
        for place, each in enumerate(sides):
            report = evaluate(each.path, EvaluationSpec(each.roles, task, positive), quiet)
            for metric in result.metrics:
                value = metric.values[place]
                assert value is not None
                assert value == report.metric(metric.key)


def test_a_comparison_survives_json_and_is_repeatable(tmp_path: Path) -> None:
    sides = [side(tmp_path, "sentiment", model, "1") for model in ("rule", "nb", "lr")]
    result = compare(sides, Task.BINARY, quiet, baseline=0, seed=4)
    again = compare(sides, Task.BINARY, quiet, baseline=0, seed=4)
    assert ComparisonResult.from_json(json.loads(json.dumps(result.to_json()))) == result
    assert again.metrics == result.metrics


def test_a_baseline_that_leads_has_all_of_the_gain(tmp_path: Path) -> None:
    sides = [side(tmp_path, "elec2", model, "1") for model in ("rule_persistence", "lr", "hgb")]
    result = compare(sides, Task.BINARY, quiet, baseline=0)
    accuracy = result.metric("accuracy")
    truth = _read(_file("elec2", "truth"))["y_true"].cast(pl.Int64).mean()
    assert accuracy.no_skill == pytest.approx(max(truth, 1 - truth))
    assert (accuracy.best, accuracy.gain.best, accuracy.gain.share) == (0, 0, 1.0)
    assert (accuracy.gain.low, accuracy.gain.high) == (None, None)
    own = accuracy.values[0].value
    assert accuracy.gain.of_perfect == pytest.approx((own - accuracy.no_skill) / (1 - accuracy.no_skill))
    assert [difference.better for difference in accuracy.differences] == [False, False]


def test_the_share_of_the_gain_is_the_baselines_way_from_no_skill(tmp_path: Path) -> None:
    sides = [side(tmp_path, "adult", model, ">50K") for model in ("rule", "hgb")]
    accuracy = compare(sides, Task.BINARY, quiet, baseline=0).metric("accuracy")
    rule, hgb = (value.value for value in accuracy.values)
    assert accuracy.gain.share == pytest.approx((rule - accuracy.no_skill) / (hgb - accuracy.no_skill))
    assert accuracy.gain.low < accuracy.gain.share < accuracy.gain.high < 1
    assert accuracy.best == accuracy.gain.best == 1


def test_rows_that_not_all_have_are_left_out_and_counted(tmp_path: Path) -> None:
    first, second = (side(tmp_path, "sentiment", model, "1") for model in ("nb", "lr"))
    frame = pl.read_parquet(second.path)
    shuffled = frame.tail(1_500).sample(fraction=1, shuffle=True, seed=3).with_columns(pl.col("id").cast(str))
    shuffled.write_parquet(tmp_path / "part.parquet")
    part = Side("lr", tmp_path / "part.parquet", second.roles, "1")
    result = compare([first, part], Task.BINARY, quiet)
    assert (result.n, result.rows) == (1_500, (frame.height, 1_500))
    right = frame.tail(1_500).select(pl.col("y_pred").cast(pl.Int64) == pl.col("y_true").cast(pl.Int64))
    assert result.metric("accuracy").values[1].value == pytest.approx(right.to_series().mean())


def test_regressions_are_compared_by_their_errors(tmp_path: Path) -> None:
    sides = [side(tmp_path, "bike", model) for model in ("rule", "ridge", "hgb")]
    result = compare(sides, Task.REGRESSION, quiet, baseline=0)
    frames = [pl.read_parquet(each.path) for each in sides]
    truth = frames[0]["y_true"].to_numpy().astype(float)
    sizes = [np.abs(frame["y_pred"].to_numpy() - truth) for frame in frames]
    mae = result.metric("mae")
    for difference, size in zip(mae.differences, sizes[1:], strict=True):
        own = size - sizes[0]
        assert difference.value == pytest.approx(own.mean())
        half = stats.norm.ppf(0.975) * own.std(ddof=1) / len(own) ** 0.5
        assert difference.high - difference.value == pytest.approx(half)
    assert mae.no_skill == pytest.approx(np.abs(truth - np.median(truth)).mean())
    assert result.metric("rmse").no_skill == pytest.approx(truth.std())
    assert (mae.best, result.agreements) == (2, ())


def test_equal_predictions_tie(tmp_path: Path) -> None:
    first = side(tmp_path, "sentiment", "lr", "1")
    result = compare([first, first], Task.BINARY, quiet)
    for metric in result.metrics:
        (difference,) = metric.differences
        assert difference.value == 0
        assert difference.p == 1
        assert (difference.better, metric.best) == (None, None)


def _rejected(sides: list[Side], code: str, task: Task = Task.BINARY) -> None:
    with pytest.raises(InputRejected) as caught:
        compare(sides, task, quiet)
    assert caught.value.code == code


def _changed(given: Side, path: Path, *columns: pl.Expr, **fields: Any) -> Side:
    pl.read_parquet(given.path).with_columns(*columns).write_parquet(path)
    return Side(given.name, path, fields.get("roles", given.roles), fields.get("positive", given.positive))


def test_runs_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    first = side(tmp_path, "sentiment", "lr", "1")
    other = tmp_path / "other.parquet"
    _rejected(
        [first, _changed(first, other, (1 - pl.col("y_true").cast(pl.Int64)).alias("y_true"))],
        "truth_differs",
    )
    _rejected([first, _changed(first, other, pl.col("id") + 1_000_000)], "nothing_common")
    _rejected([first, _changed(first, other, pl.lit(7).alias("id"))], "duplicate_id")
    roles = {name: use for name, use in first.roles.items() if name != "id"}
    _rejected([first, _changed(first, other, roles=roles)], "no_id")
    flipped = {**first.roles, "proba_1": ColumnRole(Role.PROBABILITY, "0")}
    _rejected([first, _changed(first, other, roles=flipped, positive="0")], "positive_differs")


def test_other_classes_are_told(tmp_path: Path) -> None:
    """A class that only one run knows counts in the macro averages of all."""
    rng = np.random.default_rng(8)
    truth = rng.choice(list("abc"), 300)
    sides = []
    for number, known in enumerate(("abc", "abcd"), 1):
        path = tmp_path / f"{number}.parquet"
        said = rng.choice(list(known), 300)
        pl.DataFrame({"id": range(300), "y_true": truth, "y_pred": said}).write_parquet(path)
        roles = {"id": Role.ID, "y_true": Role.TARGET, "y_pred": Role.PREDICTION}
        uses = {name: ColumnRole(role) for name, role in roles.items()}
        sides.append(Side(Message(f"run {number}"), path, uses, None, None))
    (note,) = compare(sides, Task.MULTICLASS, quiet).notes
    assert "not in all of them: d" in str(note)
    assert compare([sides[0], sides[0]], Task.MULTICLASS, quiet).notes == ()


def test_holms_correction_is_that_of_statsmodels() -> None:
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    p = np.random.default_rng(1).random(17) ** 3
    assert holm(list(p)) == pytest.approx(multipletests(p, method="holm")[1])


def _simulated(rng: np.random.Generator, folder: Path, rows: int) -> list[Side]:
    """Two runs of one quality whose scores go together."""
    y = rng.random(rows) < 0.3
    common = 0.9 * y + rng.normal(0, 0.8, rows)
    sides = []
    for name in ("a", "b"):
        score = 1 / (1 + np.exp(-(common + rng.normal(-0.8, 0.5, rows))))
        path = folder / f"{name}.parquet"
        pl.DataFrame({"id": np.arange(rows), "y": y.astype(int), "p": score}).write_parquet(path)
        roles = {"id": ID, "y": TARGET, "p": ColumnRole(Role.PROBABILITY, "1")}
        sides.append(Side(name, path, roles, "1"))
    return sides


@pytest.mark.slow
def test_the_intervals_of_differences_cover(tmp_path: Path) -> None:
    """1,000 pairs of equally good runs: the interval holds the true difference, 0, in 92.5 to 97.5 %.

    Four binomial standard errors (0.7 points each) around 95, less the two that small samples may take.
    """
    rng = np.random.default_rng(12)
    covered: dict[str, list[bool]] = {}
    false_alarms = 0
    for _ in range(1_000):
        result = compare(_simulated(rng, tmp_path, 600), Task.BINARY, quiet)
        for metric in result.metrics:
            (difference,) = metric.differences
            covered.setdefault(metric.key, []).append(difference.low <= 0 <= difference.high)
        false_alarms += any(metric.differences[0].better is not None for metric in result.metrics)
    for key, hits in covered.items():
        # A bootstrap adds to the upward bias of a calibration error: its interval is wider than it need be.
        assert 0.925 <= np.mean(hits) <= (1 if key == "ece" else 0.98), key
    assert false_alarms <= 70  # any metric of a pair, after Holm: 5 % and four standard errors
