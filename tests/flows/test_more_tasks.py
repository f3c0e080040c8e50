"""Labels, several outputs, counts and distributions through the real upload path, down to the report page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from apps.compute.roles import ColumnRole, Role, roles_to_json
from tests.flows.client import Script
from tests.golden import DATA
from tests.outputs import LABEL_ROLES, LABELS, days, room

NUMBER = {
    "id": ColumnRole(Role.ID),
    "timestamp": ColumnRole(Role.TIMESTAMP),
    "window": ColumnRole(Role.SLICE),
    "y_true": ColumnRole(Role.TARGET),
    "y_pred": ColumnRole(Role.PREDICTION),
}
BIKE = pl.read_parquet(DATA / "predictions" / "bike" / "combined_hgb.parquet").filter(pl.col("y_pred") > 0)
TRUTH, PREDICTED = BIKE["y_true"].to_numpy(), BIKE["y_pred"].to_numpy()
DAYS, DAY_ROLES = days()
SCORE = json.loads(
    (DATA / "golden_official/single_cell/rowwise_pearson_bike_days/expected.json").read_text()
)["official_results"]["kaggle_2022_score"]


def exact() -> float:
    frame = room()
    columns = [[f"y_{kind}_{name}" for name in LABELS] for kind in ("true", "pred")]
    return float(sk.accuracy_score(*(frame.select(names).to_numpy() for names in columns)))


@pytest.mark.parametrize(
    ("frame", "roles", "asked", "task", "expected", "words"),
    [
        (room(), LABEL_ROLES, "", "multilabel", {"exact_match": exact()}, ("F1 over all labels", "crowd")),
        (
            DAYS,
            DAY_ROLES,
            "",
            "multioutput",
            {"outputs_row_correlation": SCORE},
            ("Correlation within", "h17"),
        ),
        (
            BIKE,
            NUMBER,
            "count",
            "count",
            {"poisson_deviance": sk.mean_poisson_deviance(TRUTH, PREDICTED)},
            ("Poisson deviance", "current_2012"),
        ),
        (
            BIKE,
            NUMBER | {"y_std": ColumnRole(Role.STD)},
            "",
            "probabilistic",
            {"mae": float(np.abs(TRUTH - PREDICTED).mean())},
            ("CRPS", "Coverage of the interval at 90", "current_2012"),
        ),
    ],
    ids=["multilabel", "multioutput", "count", "probabilistic"],
)
def test_from_the_file_to_the_report(
    script: Script,
    live_worker: Any,
    tmp_path: Path,
    frame: pl.DataFrame,
    roles: dict[str, ColumnRole],
    asked: str,
    task: str,
    expected: dict[str, float],
    words: tuple[str, ...],
) -> None:
    path = tmp_path / "predictions.parquet"
    frame.write_parquet(path)
    sent = script.submit(path, roles=json.dumps(roles_to_json(roles)), task=asked)
    run = script.result(sent)
    assert run["task"] == task
    found = {metric["key"]: metric for metric in run["result"]["metrics"]}
    for key, value in expected.items():
        assert found[key]["value"] == pytest.approx(value, rel=1e-9)
        assert found[key]["low"] < value < found[key]["high"]
    script.api.force_login(script.user)
    for address in ("", "?all"):
        page = script.api.get(f"/projects/{script.project}/runs/{run['number']}/{address}")
        assert page.status_code == 200
        for word in words:
            assert word in page.text
    assert script.api.get(f"/projects/{script.project}/runs/?task={task}").status_code == 200
