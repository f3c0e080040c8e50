"""Rankings and forecasts through the real upload path, down to the report page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import ndcg_score

from apps.compute.roles import roles_to_json
from tests import forecasts, ranked
from tests.flows.client import Script


def evaluated(script: Script, frame: pl.DataFrame, folder: Path, roles: dict[str, Any]) -> dict[str, Any]:
    path = folder / "predictions.parquet"
    frame.write_parquet(path)
    return script.result(script.submit(path, roles=json.dumps(roles_to_json(roles))))


def page_of(script: Script, run: dict[str, Any]) -> str:
    script.api.force_login(script.user)
    page = script.api.get(f"/projects/{script.project}/runs/{run['number']}/")
    assert page.status_code == 200
    return page.text


def test_a_ranking(script: Script, live_worker: Any, tmp_path: Path) -> None:
    frame = ranked.sentences("lr")
    run = evaluated(script, frame, tmp_path, ranked.ROLES)
    expected = [ndcg_score([g["y_true"]], [g["score"]], k=10) for g in ranked.judged_queries(frame)]
    metrics = {metric["key"]: metric for metric in run["result"]["metrics"]}
    assert run["task"] == "ranking"
    assert metrics["ndcg_at_10"]["value"] == pytest.approx(np.mean(expected), rel=1e-9)
    assert metrics["ndcg_at_10"]["n"] == len(expected)
    page = page_of(script, run)
    for words in ("NDCG at 10", "Mean reciprocal rank", "Query “", "amazon"):
        assert words in page


def test_a_forecast(script: Script, live_worker: Any, tmp_path: Path) -> None:
    frame = forecasts.hours()
    run = evaluated(script, frame, tmp_path, forecasts.ROLES)
    scaled = (pl.col("y_true") - pl.col("y_pred")).abs() / pl.col("naive")
    by_series = frame.group_by("series").agg(scaled.mean().alias("mase"))["mase"]
    metrics = {metric["key"]: metric for metric in run["result"]["metrics"]}
    assert run["task"] == "forecast"
    assert metrics["mase"]["value"] == pytest.approx(by_series.mean(), rel=1e-9)
    page = page_of(script, run)
    for words in ("(MASE)", "(sMAPE)", "Errors", "Series “hour"):
        assert words in page
