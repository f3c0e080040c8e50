"""What estimates say of real and simulated batches whose truth is known, and of batches at the edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from apps.compute.inputs import read
from apps.compute.judged import judge_binary, judge_multiclass
from apps.compute.messages import InputRejected
from apps.compute.metrics import multiclass
from apps.compute.metrics.binary import BinaryGroups
from apps.compute.monitoring import cbpe, cbpe_isotonic, cbpe_spread
from apps.compute.results import MetricResult, Task
from apps.compute.roles import ColumnRole, ColumnRoles, Role
from tests.compute.monitoring.test_cbpe_golden import predictions

TARGET, PREDICTION = ColumnRole(Role.TARGET), ColumnRole(Role.PREDICTION)
ROLES = {"y": TARGET, "p": ColumnRole(Role.PROBABILITY, "1")}


def truth_of(path: Path, roles: ColumnRoles, task: Task = Task.BINARY) -> dict[str, float | None]:
    """The headline metrics of the evaluation, among which are all that are estimated."""
    inputs = read(path, roles)
    if task is Task.MULTICLASS:
        results = multiclass.measure(judge_multiclass(inputs, None, None).data, headline=True)
    else:
        data = judge_binary(inputs, None, None, None, seed=0).data
        groups = BinaryGroups(data.truth, data.probability, data.predicted, None, threshold=None)
        (results,) = groups.evaluate(np.zeros(len(data.truth), np.int64), 1)
    return {result.key: result.value for result in results}


def drawn(rows: int, rng: np.random.Generator, slope: float = 1.7) -> pl.DataFrame:
    """Scores that are ``slope`` times too sure of themselves, and what happened."""
    logit = rng.normal(0, 2, rows)
    happened = rng.random(rows) < 1 / (1 + np.exp(-logit))
    return pl.DataFrame({"y": happened.astype(np.int64), "p": 1 / (1 + np.exp(-slope * logit))})


def learn(
    frame: pl.DataFrame, folder: Path, roles: ColumnRoles = ROLES, task: Task = Task.BINARY
) -> cbpe.Calibration:
    frame.write_parquet(folder / "reference.parquet")
    return cbpe.calibrate(folder / "reference.parquet", roles, task, positive=None, threshold=None)


def estimates(
    frame: pl.DataFrame, folder: Path, calibration: cbpe.Calibration, roles: ColumnRoles = ROLES
) -> dict[str, MetricResult]:
    frame.write_parquet(folder / "batch.parquet")
    return {result.key: result for result in cbpe.estimate(folder / "batch.parquet", roles, calibration)}


def windows_held(
    frame: pl.DataFrame, roles: ColumnRoles, first: int, rows: int, folder: Path
) -> dict[str, list[tuple[bool, float]]]:
    """Of each window after the first rows and metric: whether the truth is in the interval, and the error."""
    calibration = learn(frame[:first], folder, roles)
    found: dict[str, list[tuple[bool, float]]] = {}
    for start in range(first, frame.height - rows + 1, rows):
        results = estimates(frame[start : start + rows], folder, calibration, roles)
        truth = truth_of(folder / "batch.parquet", roles)
        for key, result in results.items():
            actual = truth[key]
            if actual is not None and result.low is not None and result.high is not None:
                held = result.low <= actual <= result.high
                found.setdefault(key, []).append((held, (result.value or 0) - actual))
    return found


def test_truth_of_forecasts_of_games_lies_in_the_interval(tmp_path: Path) -> None:
    """FiveThirtyEight's forecasts are probabilities; home teams won less often as the years went by."""
    frame, roles = predictions("nba_538", "fivethirtyeight")

    found = windows_held(frame, roles, 4000, 200, tmp_path)

    assert len(found["accuracy"]) == 24
    shares = {key: np.mean([held for held, _ in windows]) for key, windows in found.items()}
    assert min(shares["accuracy"], shares["brier"], shares["roc_auc"]) >= 0.8
    later = frame[4000:]
    overall = estimates(later, tmp_path, learn(frame[:4000], tmp_path, roles), roles)["accuracy"]
    assert overall.low is not None
    assert overall.high is not None
    assert overall.low < (later["y_pred"] == later["y_true"]).mean() < overall.high


def test_concept_drift_is_not_seen(tmp_path: Path) -> None:
    """What the docstring warns of: the electricity market changes, the estimates stay far too good."""
    frame, roles = predictions("elec2", "hgb")

    found = windows_held(frame, roles, 4000, 1000, tmp_path)["accuracy"]

    assert np.mean([held for held, _ in found]) < 0.3
    assert np.mean([error for _, error in found]) > 0.1


def test_people_drawn_at_random_are_covered(tmp_path: Path) -> None:
    frame, roles = predictions("adult", "hgb")

    found = windows_held(frame, roles, 8000, 400, tmp_path)

    assert len(found) == 9
    for key, windows in found.items():
        assert np.mean([held for held, _ in windows]) >= 0.9, key


def test_intervals_cover_simulated_batches(tmp_path: Path) -> None:
    """Nominal 95 %; the bound leaves room for the chance of 120 batches (standard error 2 points)."""
    rng = np.random.default_rng(3)
    held: dict[str, list[bool]] = {}
    for _ in range(120):
        calibration = learn(drawn(1500, rng), tmp_path)
        results = estimates(drawn(500, rng), tmp_path, calibration)
        truth = truth_of(tmp_path / "batch.parquet", ROLES)
        for key, result in results.items():
            held.setdefault(key, []).append((result.low or 0) <= (truth[key] or 0) <= (result.high or 0))

    assert len(held) == 9
    for key, hits in held.items():
        assert np.mean(hits) >= 0.9, key


def test_many_classes_are_covered(tmp_path: Path) -> None:
    """Draws of the truth from the probabilities themselves."""
    rng = np.random.default_rng(4)
    roles = {"y": TARGET} | {f"p{c}": ColumnRole(Role.PROBABILITY, str(c)) for c in range(3)}

    def batch(rows: int) -> pl.DataFrame:
        scores = rng.dirichlet((0.5, 0.6, 0.9), rows)
        truth = (scores.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(max=2)
        return pl.DataFrame({"y": truth} | {f"p{c}": scores[:, c] for c in range(3)})

    held: dict[str, list[bool]] = {}
    for _ in range(60):
        calibration = learn(batch(1000), tmp_path, roles, Task.MULTICLASS)
        results = estimates(batch(400), tmp_path, calibration, roles)
        truth = truth_of(tmp_path / "batch.parquet", roles, Task.MULTICLASS)
        for key, result in results.items():
            held.setdefault(key, []).append((result.low or 0) <= (truth[key] or 0) <= (result.high or 0))

    assert len(held) == 7
    for key, hits in held.items():
        assert np.mean(hits) >= 0.88, key


@pytest.mark.parametrize("decimals", [2, 16])
def test_isotonic_equals_scikit_learn(decimals: int) -> None:
    frame = drawn(3000, np.random.default_rng(5))
    score, truth = frame["p"].round(decimals).to_numpy(), frame["y"].to_numpy().astype(bool)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(score, truth)
    grid = np.linspace(-0.1, 1.1, 5001)

    knots = cbpe_isotonic.fit(score, truth)

    np.testing.assert_allclose(knots[0], theirs.X_thresholds_, rtol=0, atol=1e-15)
    np.testing.assert_allclose(
        cbpe_isotonic.probability(knots, grid), theirs.predict(grid), rtol=0, atol=1e-14
    )


def test_thinned_map_is_as_close_as_it_says() -> None:
    score = np.linspace(0, 1, 5000)
    value = np.concatenate([score[:2500] ** 2, 0.5 + score[2500:] / 2])  # smooth, then a jump, then straight

    thinned = cbpe_isotonic.thin((score, value), 200)

    assert len(thinned[0]) <= 200
    assert np.abs(cbpe_isotonic.probability(thinned, score) - value).max() <= 1 / 99
    assert (np.diff(thinned[1]) >= 0).all()


@pytest.mark.parametrize(
    ("truth", "score"),
    [
        pytest.param([True] * 50, np.linspace(0, 1, 50), id="one-class"),
        pytest.param([True] + [False] * 49, np.linspace(0, 1, 50), id="one-row-of-a-class"),
        pytest.param([False] * 25 + [True] * 25, np.linspace(0, 1, 50), id="separated"),
        pytest.param([True, False] * 5, np.linspace(0, 1, 10), id="ten-rows"),
    ],
)
def test_what_cannot_be_calibrated_is_left_as_it_is(truth: list[bool], score: NDArray[np.float64]) -> None:
    assert not cbpe_isotonic.needed(score, np.array(truth))


def test_losses_are_expected_under_the_probability(tmp_path: Path) -> None:
    """By hand: scores 0.2 and 0.9 that need no calibration."""
    calibration = cbpe.Calibration(Task.BINARY, ("0", "1"), "1", None, {"1": None}, {}, 100)

    found = estimates(pl.DataFrame({"p": [0.2, 0.9]}), tmp_path, calibration, {"p": ROLES["p"]})

    assert found["brier"].value == pytest.approx((0.2 * 0.8 + 0.9 * 0.1) / 2)
    loss = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1)) / 2
    assert found["log_loss"].value == pytest.approx(loss)
    assert found["accuracy"].value == pytest.approx((0.8 + 0.9) / 2)
    assert found["accuracy"].low is None  # no spread is known


def test_decisions_are_those_of_the_evaluation(tmp_path: Path) -> None:
    frame = pl.DataFrame({"p": [0.2, 0.6, 0.9], "predicted": [1, 0, 1]})
    roles = {"p": ROLES["p"], "predicted": PREDICTION}
    given = cbpe.Calibration(Task.BINARY, ("0", "1"), "1", None, {"1": None}, {}, 100)
    at_threshold = cbpe.Calibration(Task.BINARY, ("0", "1"), "1", 0.7, {"1": None}, {}, 100)

    assert estimates(frame, tmp_path, given, roles)["precision"].value == pytest.approx(1.1 / 2)
    assert estimates(frame, tmp_path, at_threshold, roles)["precision"].value == pytest.approx(0.9)
    only_scores = {"p": ROLES["p"]}
    assert estimates(frame, tmp_path, given, only_scores)["precision"].value == pytest.approx(1.5 / 2)


def test_probability_of_the_other_class_and_of_booleans(tmp_path: Path) -> None:
    frame = drawn(400, np.random.default_rng(6))
    expected = estimates(frame, tmp_path, learn(frame, tmp_path))
    other = frame.select(pl.col("y") == 1, q=1 - pl.col("p"))
    roles = {"y": TARGET, "q": ColumnRole(Role.PROBABILITY, "False")}
    frame.write_parquet(tmp_path / "reference.parquet")
    calibration = cbpe.calibrate(
        tmp_path / "reference.parquet", ROLES, Task.BINARY, positive="1", threshold=None
    )

    # The reference says 0 and 1, the batch says that its column is for "False".
    found = estimates(other, tmp_path, calibration, {"q": roles["q"]})

    for key, result in expected.items():
        assert found[key].value == pytest.approx(result.value, abs=1e-12)


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
def test_empty_batch_defines_nothing(task: Task, tmp_path: Path) -> None:
    frame = drawn(200, np.random.default_rng(7))
    roles = ROLES | {"q": ColumnRole(Role.PROBABILITY, "0")}
    frame = frame.with_columns(q=1 - pl.col("p"))
    calibration = learn(frame, tmp_path, roles, task)

    for rows in (frame[:0], frame[:3].with_columns(p=pl.lit(None, pl.Float64))):
        found = estimates(rows, tmp_path, calibration, roles)
        assert set(found) == cbpe.ESTIMATED[task]
        for result in found.values():
            assert (result.value, result.n) == (None, 0)
            assert result.undefined is not None


def test_rows_without_probability_are_left_out(tmp_path: Path) -> None:
    frame = drawn(200, np.random.default_rng(8))
    holes = frame.with_columns(p=pl.when(pl.int_range(pl.len()) < 50).then(None).otherwise("p"))

    calibration = learn(holes, tmp_path)

    assert calibration == learn(frame[50:], tmp_path)
    assert estimates(holes, tmp_path, calibration) == estimates(frame[50:], tmp_path, calibration)
    assert estimates(holes, tmp_path, calibration)["accuracy"].n == 150


def test_one_predicted_class_and_equal_scores(tmp_path: Path) -> None:
    calibration = learn(drawn(500, np.random.default_rng(9)), tmp_path)

    found = estimates(pl.DataFrame({"p": [0.3] * 40}), tmp_path, calibration, {"p": ROLES["p"]})

    assert found["precision"].value == 0
    assert found["precision"].undefined is not None
    assert found["roc_auc"].value == pytest.approx(0.5)
    assert found["recall"].value == 0
    assert found["specificity"].value == 1


def test_certain_scores_have_no_curve(tmp_path: Path) -> None:
    calibration = cbpe.Calibration(Task.BINARY, ("0", "1"), "1", None, {"1": None}, {"accuracy": 0.0}, 100)

    found = estimates(pl.DataFrame({"p": [0.0] * 25}), tmp_path, calibration, {"p": ROLES["p"]})

    assert found["roc_auc"].value is None
    assert found["recall"].undefined is not None
    assert found["log_loss"].value == pytest.approx(0)
    accuracy = found["accuracy"]  # never wrong in 100 rows of reference: one miss more could have been there
    assert accuracy.value == accuracy.high == 1
    assert accuracy.low == pytest.approx(1 - 1.959964 * np.sqrt(101) / 102 * np.sqrt(1 / 25 + 1 / 100))


def test_class_that_no_probability_expects_has_no_area(tmp_path: Path) -> None:
    calibration = cbpe.Calibration(
        Task.MULTICLASS, ("a", "b", "c"), None, None, {"a": None, "b": None, "c": None}, {}, 100
    )
    roles = {c: ColumnRole(Role.PROBABILITY, c) for c in "abc"}

    batch = pl.DataFrame({"a": [0.4, 0.0], "b": [0.6, 0.0], "c": [0.0, 0.0]})

    found = estimates(batch, tmp_path, calibration, roles)

    assert found["accuracy"].value == pytest.approx((0.6 + 1 / 3) / 2)  # no class possible: all as likely
    only = estimates(batch[:1], tmp_path, calibration, roles)
    assert only["roc_auc_ovr_macro"].value is None
    assert "c" in str(only["roc_auc_ovr_macro"].undefined)


@pytest.mark.parametrize(
    ("batch", "code", "column", "row"),
    [
        ({"p": [0.5, 1.5]}, "probability_out_of_range", "p", 2),
        ({"p": [None, 0.5, -0.1]}, "probability_out_of_range", "p", 3),
        ({"p": ["0.5", "high"]}, "not_numeric", "p", 2),
        ({"other": [0.5]}, "missing_column", "p", None),
        ({"p": [0.5, 0.5], "predicted": ["1", "maybe"]}, "unknown_class", "predicted", 2),
    ],
)
def test_batch_is_rejected_with_its_place(
    batch: dict[str, list[object]], code: str, column: str, row: int | None, tmp_path: Path
) -> None:
    calibration = learn(drawn(100, np.random.default_rng(10)), tmp_path)
    roles = {"p": ROLES["p"]} | ({"predicted": PREDICTION} if "predicted" in batch else {})

    with pytest.raises(InputRejected) as error:
        estimates(pl.DataFrame(batch), tmp_path, calibration, roles)

    assert (error.value.code, error.value.column, error.value.row) == (code, column, row)


@pytest.mark.parametrize(
    ("roles", "task", "code"),
    [
        ({"y": TARGET, "p": PREDICTION}, Task.REGRESSION, "no_classes"),
        ({"y": TARGET, "p": PREDICTION}, Task.BINARY, "missing_role"),
        (ROLES, Task.BINARY, "no_truth"),
    ],
)
def test_reference_that_teaches_nothing_is_rejected(
    roles: ColumnRoles, task: Task, code: str, tmp_path: Path
) -> None:
    frame = drawn(50, np.random.default_rng(11)).with_columns(y=pl.lit(None, pl.Int64))

    with pytest.raises(InputRejected) as error:
        learn(frame, tmp_path, roles, task)

    assert error.value.code == code


def test_labels_only_where_probabilities_are_missing(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": [0, 1, None], "p": [None, None, 0.5]})

    with pytest.raises(InputRejected) as error:
        learn(frame, tmp_path)

    assert error.value.code == "no_rows"


def test_column_of_a_class_that_the_reference_lacks(tmp_path: Path) -> None:
    calibration = learn(drawn(100, np.random.default_rng(12)), tmp_path)

    with pytest.raises(InputRejected) as error:
        estimates(pl.DataFrame({"p": [0.5]}), tmp_path, calibration, {"p": ColumnRole(Role.PROBABILITY, "7")})

    assert (error.value.code, error.value.column) == ("unknown_class", "p")


def test_error_of_the_area_is_that_of_resampling() -> None:
    """Both classes vary: the standard deviation over redrawn rows, known to about 3.5 % from 400 of them."""
    rng = np.random.default_rng(13)
    frame = drawn(1000, rng)
    score, truth = frame["p"].to_numpy(), frame["y"].to_numpy().astype(bool)
    samples = [rng.integers(0, len(score), len(score)) for _ in range(400)]
    areas = [cbpe_spread.place(score[rows], truth[rows], None).auc for rows in samples]

    assert cbpe_spread.of_area(score, truth) / np.sqrt(1000) == pytest.approx(np.std(areas), rel=0.12)
