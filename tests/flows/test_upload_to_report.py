"""The whole way over the network: a real file into a real web server, a real worker, and out as a report."""

from __future__ import annotations

import json

import pytest

from tests.flows.client import Script
from tests.flows.wire import make_wire
from tests.golden import DATA


def test_from_the_file_to_the_report(live_portal: str, script: Script) -> None:
    wire = make_wire(live_portal, script.user, script.project)
    path = DATA / "predictions" / "bike" / "combined_hgb.parquet"
    accepted = wire.upload(path.read_bytes(), path.name)
    assert accepted.status == 202, accepted
    assert accepted.headers["location"] == f"/api/v1/runs/{accepted.body['run']['id']}/"
    job = wire.wait(accepted.body["job"]["id"])
    assert job["state"] == "succeeded", job["error"]

    golden = json.loads((DATA / "golden" / "bike_metrics.json").read_text())["models"]["hgb"]["overall"]
    run = wire.get(f"runs/{accepted.body['run']['id']}")
    metrics = {metric["metric"]: metric for metric in run["metrics"]}
    assert metrics["rmse"]["value"] == pytest.approx(golden["rmse"], rel=1e-9)
    assert metrics["rmse"]["low"] < metrics["rmse"]["value"] < metrics["rmse"]["high"]

    script.api.force_login(script.user)
    page = script.api.get(f"/projects/{script.project}/runs/{run['number']}/")
    assert page.status_code == 200
    assert path.name in page.text
    assert "Root mean squared error" in page.text
