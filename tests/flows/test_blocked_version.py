"""A version that breaks what is expected never becomes what models are judged on, unless a person says so."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from apps.datasets.models import Check
from tests.flows.client import Script

ADULT = Path(__file__).parents[1] / "data" / "predictions" / "adult" / "truth.parquet"


def post_version(script: Script, dataset: int, path: Path) -> dict[str, object]:
    """Upload a file as the next version and wait until it was checked."""
    file = script.upload_truth(path)
    script.wait(script.get(f"files/{file}")["job"])
    answer = script.api.post(f"/api/v1/datasets/{dataset}/versions/", {"file": file}, format="json")
    assert answer.status_code == 201, answer.content
    version = answer.json()
    assert version["state"] == "checking"
    (check,) = script.get("checks", version=version["id"])["results"]
    script.wait(check["job"])
    return script.get(f"checks/{check['id']}")


def test_a_version_is_kept_out_and_let_pass(script: Script, live_worker: object, tmp_path: Path) -> None:
    made = script.api.post(
        "/api/v1/datasets/", {"project": script.project, "name": "Hold-out"}, format="json"
    )
    dataset = made.json()["id"]
    for body in (
        {"kind": "unique", "columns": ["id"], "severity": "block"},
        {"kind": "values", "columns": ["sex"], "params": {"values": ["Female", "Male"]}},
    ):
        answer = script.api.post("/api/v1/expectations/", {"dataset": dataset, **body}, format="json")
        assert answer.status_code == 201, answer.content
    good = post_version(script, dataset, ADULT)
    assert (good["version_state"], good["passed"]) == ("in_force", 2)
    doubled = tmp_path / "doubled.parquet"
    adult = pl.read_parquet(ADULT)
    pl.concat([adult, adult.head(3)]).write_parquet(doubled)
    bad = post_version(script, dataset, doubled)
    assert (bad["version_state"], bad["blocked"], bad["number"]) == ("blocked", 1, 2)
    unique = bad["results"][0]  # type: ignore[index]
    assert (unique["violations"], unique["tested"]) == (6, len(adult) + 3)
    pairs = [number for row in (1, 2, 3) for number in (row, len(adult) + row)]
    assert [example["row"] for example in unique["examples"]] == pairs
    assert script.get(f"datasets/{dataset}")["current_version"] == 1
    accept = f"/api/v1/checks/{bad['id']}/accept/"
    assert script.api.post(accept, {"reason": "Three people came twice"}, format="json").status_code == 200
    assert script.get(f"datasets/{dataset}")["current_version"] == 2
    assert Check.objects.count() == 2
