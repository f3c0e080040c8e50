"""Every real prediction file through the real upload path: API, broker, worker, join, evaluation.

The metrics that come back must be those of the reference implementations.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.client import Script
from tests.golden import CASES, DATA, Case, compare, golden_of

UPLOADED = [case for case in CASES if case.target == "y_true"]
RUNS = [pytest.param(case, model, id=f"{case.name}-{model}") for case in UPLOADED for model in case.models]


def path_of(case: Case, stem: str) -> Any:
    (path,) = (DATA / "predictions" / case.name).glob(f"{stem}.*")
    return path


def values_of(metrics: list[dict[str, Any]]) -> dict[str, float | None]:
    return {metric["key"]: metric["value"] for metric in metrics}


@pytest.mark.parametrize(("case", "model"), RUNS)
def test_uploaded_file_gives_the_golden_metrics(
    script: Script, live_worker: Any, case: Case, model: str
) -> None:
    truth = script.upload_truth(path_of(case, "truth"))
    run = script.result(script.submit(path_of(case, f"pred_{model}"), truth=truth))
    golden = golden_of(case, model)
    result = run["result"]
    assert run["task"] == case.task
    assert result["n"] == run["join_report"]["rows"] == golden[case.overall]["n"]
    assert compare(case, golden[case.overall], values_of(result["metrics"])) > 3
    slices = {tuple(s["columns"] + s["values"]): s for s in result["slices"]}
    for column, groups in golden.get("slices", {}).items():
        for value, numbers in groups.items():
            found = slices[(column, value.lower() if value in ("True", "False") else value)]
            assert found["n"] == numbers["n"]
            compare(case, numbers, values_of(found["metrics"]), only_given=True)


def test_no_prediction_file_is_left_out() -> None:
    files = {
        (p.parent.name, p.name.split(".")[0].removeprefix("pred_"))
        for p in (DATA / "predictions").glob("*/pred_*")
    }
    always_home = {("nba_538", "rule_home")}  # made for the demo: it predicts a home win in every game
    assert files - always_home == {(case.name, model) for case in UPLOADED for model in case.models}


def test_a_file_with_its_own_labels(script: Script, live_worker: Any) -> None:
    """Predictions may bring their labels: bike's combined file needs no truth."""
    run = script.result(script.submit(DATA / "predictions" / "bike" / "combined_hgb.parquet"))
    case = next(case for case in UPLOADED if case.name == "bike")
    assert run["join_report"] is None
    assert compare(case, golden_of(case, "hgb")["overall"], values_of(run["result"]["metrics"])) > 3
