"""Column roles guessed from names and values, on every real file and on awkward names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.guess import guess_roles
from apps.compute.profile import ColumnProfile, profile_table
from apps.compute.roles import ColumnRole, Role
from apps.compute.tables import Limits, normalise, sniff

FILES = Path(__file__).parents[1] / "data" / "predictions"


def profiles_of(folder: Path, columns: dict[str, Any]) -> list[ColumnProfile]:
    pl.DataFrame(columns).write_parquet(folder / "table.parquet")
    return profile_table(folder / "table.parquet")


def guessed(folder: Path, columns: dict[str, Any]) -> dict[str, ColumnRole]:
    return guess_roles(profiles_of(folder, columns))


def as_text(roles: dict[str, ColumnRole]) -> dict[str, str]:
    """Column -> ``role`` or ``role:label``."""
    return {name: f"{use.role}:{use.label}" if use.label else str(use.role) for name, use in roles.items()}


def spread(**roles: str) -> dict[str, str]:
    """``slice="a b"`` as ``{"a": "slice", "b": "slice"}``."""
    return {name: role for role, names in roles.items() for name in names.split()}


def answers(*classes: object) -> dict[str, str]:
    return {"id": "id", "y_pred": "prediction", **{f"proba_{c}": f"probability:{c}" for c in classes}}


BIKE = spread(
    id="id",
    timestamp="timestamp",
    slice="window month season weathersit workingday hr holiday weekday",
    feature="temp atemp hum windspeed",
    target="y_true",
)
TRUTH = {
    "adult": spread(
        id="id",
        slice="sex race age_band education education-num workclass marital-status occupation relationship "
        "native-country",
        feature="age capital-gain capital-loss hours-per-week",
        target="y_true",
    ),
    "bike": BIKE,
    "breast_cancer": spread(
        id="id",
        feature="mean_radius mean_texture mean_smoothness worst_concave_points worst_area",
        slice="size_band",
        target="y_true",
    ),
    "cifar10_label_errors": spread(
        id="id",
        target="y_true",
        slice="guessed_label votes_given votes_guessed votes_neither votes_both checked_by_humans "
        "is_label_error y_corrected drop_after_check",
    ),
    "diabetes": spread(id="id", feature="age bmi bp s1 s2 s3 s4 s5 s6", slice="sex", target="y_true"),
    "digits": spread(id="id", feature="ink_total", slice="ink_band", target="y_true"),
    "elec2": spread(
        id="id",
        timestamp="timestamp",
        slice="window month daypart weekday",
        feature="period nswprice nswdemand vicprice vicdemand transfer",
        target="y_true",
    ),
    "nba_538": spread(id="id", timestamp="timestamp", slice="season team1 team2", target="y_true"),
    "room_occupancy": spread(
        id="id",
        timestamp="timestamp",
        slice="day window daypart S6_PIR S7_PIR",
        feature="S1_Temp S2_Temp S3_Temp S4_Temp S1_Light S2_Light S3_Light S4_Light S1_Sound S2_Sound "
        "S3_Sound S4_Sound S5_CO2 S5_CO2_Slope",
        target="y_true",
    ),
    "sentiment": spread(id="id", ignore="text", slice="source length_band has_negation", target="y_true"),
    "world_cup_538": spread(
        id="id", timestamp="timestamp", slice="season tournament knockout home away", target="y_true"
    ),
}
CIFAR = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
PREDICTIONS = {
    "adult/pred_hgb": answers("<=50K", ">50K"),
    "adult/pred_lr": answers("<=50K", ">50K"),
    "adult/pred_rule": answers(),
    "bike/combined_hgb": {**BIKE, "y_pred": "prediction", "y_std": "ignore"},
    "bike/pred_hgb": {**answers(), "y_std": "ignore"},
    "bike/pred_ridge": answers(),
    "bike/pred_rule": answers(),
    "breast_cancer/pred_lr": answers("malignant"),
    "breast_cancer/pred_rule": answers(),
    "breast_cancer/pred_tree": answers("malignant"),
    "cifar10_label_errors/labels_corrected": {"id": "id", "y_true": "target"},
    "cifar10_label_errors/labels_given": {"id": "id", "y_true": "target"},
    "cifar10_label_errors/pred_cleanlab_cnn": answers(*CIFAR),
    "diabetes/pred_hgb": answers(),
    "diabetes/pred_ridge": answers(),
    "diabetes/pred_rule": answers(),
    "digits/pred_knn": answers(*range(10)),
    "digits/pred_lr": answers(*range(10)),
    "digits/pred_tree": answers(*range(10)),
    "elec2/pred_hgb": answers(1),
    "elec2/pred_lr": answers(1),
    "elec2/pred_rule_persistence": answers(),
    "nba_538/pred_fivethirtyeight": answers(1),
    "nba_538/pred_rule_home": answers(),
    "room_occupancy/pred_lr": answers(*range(4)),
    "room_occupancy/pred_rf": answers(*range(4)),
    "room_occupancy/pred_rule_lights": answers(),
    "sentiment/pred_lr": answers(1),
    "sentiment/pred_nb": answers(1),
    "sentiment/pred_rule": answers(),
    "world_cup_538/pred_fivethirtyeight": answers("team1", "team2", "tie"),
}
EXPECTED = {**{f"{name}/truth": roles for name, roles in TRUTH.items()}, **PREDICTIONS}


def stem(path: Path) -> str:
    return f"{path.parent.name}/{path.name.split('.')[0]}"


@pytest.mark.parametrize("path", sorted(FILES.glob("*/*")), ids=stem)
def test_every_real_file(tmp_path: Path, path: Path) -> None:
    target = tmp_path / "table.parquet"
    normalise(path, target, sniff(path, path.name), Limits(), lambda message, share: None)
    assert as_text(guess_roles(profile_table(target))) == EXPECTED[stem(path)]


SCORES = [0.1, 0.9, 0.4]
CLASSES = [0, 1, 1]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"Label": CLASSES, "Score": SCORES}, {"Label": "target", "Score": "probability"}),
        ({"actual": CLASSES, "p": SCORES}, {"actual": "target", "p": "probability"}),
        ({"is_fraud": CLASSES, "probability": SCORES}, {"is_fraud": "target", "probability": "probability"}),
        ({"yTrue": CLASSES, "yPred": CLASSES}, {"yTrue": "target", "yPred": "prediction"}),
        (
            {"ground truth": SCORES, "Predicted": SCORES},
            {"ground truth": "target", "Predicted": "prediction"},
        ),
        ({"p_cat": SCORES, "p_dog": SCORES}, {"p_cat": "probability:cat", "p_dog": "probability:dog"}),
        (
            {"cat_prob": SCORES, "target": ["cat", "dog", "cat"]},
            {"cat_prob": "probability:cat", "target": "target"},
        ),
        ({"proba_spam": [10.0, 90.0, 40.0]}, {"proba_spam": "probability:spam"}),
        ({"score": [10.5, 90.5, 40.5]}, {"score": "feature"}),
        ({"p_value": SCORES}, {"p_value": "feature"}),
        (
            {"q10": SCORES, "q0.5": SCORES, "q90": SCORES},
            {"q10": "quantile:0.1", "q0.5": "quantile:0.5", "q90": "quantile:0.9"},
        ),
        ({"p10": SCORES, "p90": SCORES}, {"p10": "quantile:0.1", "p90": "quantile:0.9"}),
        ({"p90": SCORES}, {"p90": "feature"}),
        ({"q1": SCORES, "q4": SCORES}, {"q1": "feature", "q4": "feature"}),
        (
            {"pred_low": SCORES, "pred_high": SCORES},
            {"pred_low": "interval_low", "pred_high": "interval_high"},
        ),
        ({"lower": SCORES}, {"lower": "feature"}),
        (
            {"open": SCORES, "high": SCORES, "low": SCORES, "close": SCORES},
            {"open": "feature", "high": "feature", "low": "feature", "close": "feature"},
        ),
        (
            {"sample_weight": SCORES, "latency_ms": SCORES},
            {"sample_weight": "weight", "latency_ms": "latency"},
        ),
        ({"weight": SCORES, "height": SCORES}, {"weight": "feature", "height": "feature"}),
        ({"user_id": [5, 6, 7], "session_id": [1, 1, 2]}, {"user_id": "id", "session_id": "feature"}),
        ({"id": [1, 1, 2]}, {"id": "id"}),
        ({"constant": [1, 1, 1], "empty": [None, None, None]}, {"constant": "ignore", "empty": "ignore"}),
        ({"payload": [f'{{"a": {i}}}' for i in range(3)]}, {"payload": "ignore"}),
        ({"date": ["x", "y", "z"]}, {"date": "ignore"}),
        (
            {"qid": [1, 1, 2], "relevance": [0, 1, 3], "score": [2.5, -1.0, 7.0]},
            {"qid": "query", "relevance": "target", "score": "prediction"},
        ),
        (
            {"query_id": ["a", "a", "b"], "label": CLASSES, "y_pred": CLASSES},
            {"query_id": "ignore", "label": "target", "y_pred": "prediction"},
        ),
        (
            {"series_id": ["a", "a", "b"], "horizon": [1, 2, 1], "actual": [5, 6, 7], "forecast": SCORES},
            {"series_id": "series", "horizon": "horizon", "actual": "target", "forecast": "prediction"},
        ),
        (
            {"series": ["a", "a", "b"], "y_true": CLASSES, "y_pred": CLASSES},
            {"series": "ignore", "y_true": "target", "y_pred": "prediction"},
        ),
    ],
)
def test_awkward_names(tmp_path: Path, columns: dict[str, Any], expected: dict[str, str]) -> None:
    assert as_text(guessed(tmp_path, columns)) == expected


def test_previous_roles_win_where_they_fit(tmp_path: Path) -> None:
    profiles = profiles_of(
        tmp_path, {"a": ["x", "y", "x"], "b": SCORES, "y_true": CLASSES, "c": ["x", "y", "z"]}
    )
    previous = {
        "a": ColumnRole(Role.TARGET),
        "b": ColumnRole(Role.PROBABILITY, "x"),
        "c": ColumnRole(Role.WEIGHT),
        "gone": ColumnRole(Role.ID),
    }
    assert as_text(guess_roles(profiles, previous=previous)) == {
        "a": "target",
        "b": "probability:x",
        "y_true": "feature",
        "c": "ignore",
    }


def test_an_id_that_the_truth_file_has_as_well(tmp_path: Path) -> None:
    profiles = profiles_of(tmp_path, {"row_id": [1, 2, 3], "sensor_id": [7, 8, 9]})
    assert as_text(guess_roles(profiles)) == {"row_id": "id", "sensor_id": "feature"}
    shared = guess_roles(profiles, other_columns={"sensor_id", "y_true"})
    assert as_text(shared) == {"row_id": "feature", "sensor_id": "id"}
