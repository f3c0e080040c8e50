"""Bad files get a sentence that says what is wrong, and nothing that was stored is lost.

The job runs in this process, by the function that the worker calls.
"""

from __future__ import annotations

from typing import Any

import pytest

from apps.common.problems import CONTENT_TYPE
from apps.datasets.models import DataFile
from apps.datasets.tasks import read
from apps.evaluations.models import Run
from apps.evaluations.tasks import evaluate
from tests.flows.bad_files import BAD_FILES, HEADER, BadFile, csv, rows
from tests.flows.client import Script

pytestmark = pytest.mark.usefixtures("no_worker")


def run_job(script: Script, run: dict[str, Any]) -> dict[str, Any]:
    evaluate(run["job"]["id"])
    return script.get(f"jobs/{run['job']['id']}")


def refusal(script: Script, bad: BadFile) -> dict[str, Any]:
    """The problem or the job's error: whichever says no."""
    answer = script.post("runs", bad.make(), bad.filename, **bad.fields)
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        assert answer["Content-Type"] == CONTENT_TYPE
        return answer.json()
    job = run_job(script, answer.json())
    assert job["state"] == "failed", job
    return job["error"]


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.name)
def test_a_bad_file_is_refused_with_a_sentence(script: Script, bad: BadFile) -> None:
    error = refusal(script, bad)
    sentence = error["detail"]
    assert all(word.lower() in sentence.lower() for word in bad.says), sentence
    assert not any(word in sentence for word in ("Traceback", "polars", "Error(", "/")), sentence
    assert sentence[0].isupper()
    assert sentence.rstrip()[-1] in ".”", sentence
    assert "%(" not in sentence


def test_a_refused_file_leaves_the_rest_as_it_was(script: Script) -> None:
    good = script.post("runs", csv(HEADER, *rows())(), "good.csv").json()
    assert run_job(script, good)["state"] == "succeeded"
    before = script.get(f"runs/{good['run']['id']}")["result"]
    for bad in BAD_FILES[:4]:
        refusal(script, bad)
    assert script.get(f"runs/{good['run']['id']}")["result"] == before


def test_a_class_of_one_gives_what_is_defined_and_says_why_not_the_rest(script: Script) -> None:
    lines = [f"{i},0,{i / 100}" for i in range(1, 40)]
    run = script.post("runs", csv(HEADER, *lines)(), "one.csv", positive="1").json()
    assert run_job(script, run)["state"] == "succeeded"
    metrics = {m["key"]: m for m in script.get(f"runs/{run['run']['id']}")["result"]["metrics"]}
    assert metrics["accuracy"]["value"] == 1.0
    assert metrics["roc_auc"]["value"] is None
    assert metrics["roc_auc"]["undefined"]["text"]


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [
        (["yes", "no"], ["yes", "no"]),
        (["true", "false"], ["True", "False"]),
        (["1", "0"], ["1.0", "0.0"]),
        (["1", "0"], ["true", "false"]),
    ],
)
def test_labels_of_any_type_meet(script: Script, truth: list[str], predicted: list[str]) -> None:
    lines = [f"{i},{truth[i % 2]},{predicted[i % 2]}" for i in range(40)]
    run = script.post("runs", csv("id,y_true,y_pred", *lines)(), "labels.csv").json()
    job = run_job(script, run)
    assert job["state"] == "succeeded", job["error"]
    result = script.get(f"runs/{run['run']['id']}")["result"]
    assert next(m["value"] for m in result["metrics"] if m["key"] == "accuracy") == 1.0


def test_predicted_classes_that_never_occur_are_counted_as_wrong(script: Script) -> None:
    lines = [f"{i},{'abc'[i % 3]},{'abd'[i % 3]}" for i in range(60)]
    run = script.post("runs", csv("id,y_true,y_pred", *lines)(), "unseen.csv").json()
    assert run_job(script, run)["state"] == "succeeded"
    result = script.get(f"runs/{run['run']['id']}")["result"]
    assert result["classes"] == ["a", "b", "c", "d"]
    assert next(m["value"] for m in result["metrics"] if m["key"] == "accuracy") == pytest.approx(2 / 3)


NASTY = '<img src=x onerror=alert(1)>"'


def test_column_names_with_markup_stay_text(script: Script) -> None:
    quoted = '"' + NASTY.replace('"', '""') + '"'
    lines = [f"{i},{i % 2},{0.2 + 0.6 * (i % 2)},{'ab'[i % 3 == 0]}" for i in range(60)]
    run = script.post("runs", csv(f"id,y_true,proba_1,{quoted}", *lines)(), "nasty.csv").json()
    assert run_job(script, run)["state"] == "succeeded"
    body = script.get(f"runs/{run['run']['id']}")
    assert NASTY in body["roles"]
    script.api.force_login(script.user)
    for address in (
        f"/projects/{script.project}/runs/1/",
        f"/projects/{script.project}/files/{body['file']}/",
        f"/projects/{script.project}/runs/upload/{body['file']}/",
    ):
        page = script.api.get(address)
        assert page.status_code == 200, address
        assert "<img src=x" not in page.text, address


def test_five_thousand_columns_are_read(script: Script) -> None:
    names = ["y_true", "y_pred", *(f"f{i}" for i in range(4_998))]
    lines = [",".join([str(i % 2), str(i % 2), *["0.5"] * 4_998]) for i in range(20)]
    run = script.post("runs", csv(",".join(names), *lines)(), "wide.csv").json()
    job = run_job(script, run)
    assert job["state"] == "succeeded", job["error"]
    script.api.force_login(script.user)
    file = script.get(f"runs/{run['run']['id']}")["file"]
    page = script.api.get(f"/projects/{script.project}/runs/upload/{file}/")
    assert page.status_code == 200
    assert len(page.content) < 500_000


def test_doubled_missing_and_surplus_ids(script: Script) -> None:
    truth = script.post(
        "files", csv("id,y_true", *(f"{i},{i % 2}" for i in range(10)))(), "t.csv", purpose="truth"
    )
    read(truth.json()["job"])
    doubled = csv("id,y_pred", *(f"{i % 9},1" for i in range(10)))()
    run = script.post("runs", doubled, "p.csv", truth=truth.json()["id"]).json()
    error = run_job(script, run)["error"]
    assert error["code"] == "duplicate_id"
    assert "0" in error["detail"]
    partly = csv("id,y_pred", *(f"{i},{i % 2}" for i in range(4, 13)))()
    run = script.post("runs", partly, "q.csv", truth=truth.json()["id"]).json()
    assert run_job(script, run)["state"] == "succeeded"
    body = script.get(f"runs/{run['run']['id']}")
    assert {k: body["join_report"][k] for k in ("rows", "missing", "surplus")} == {
        "rows": 6,
        "missing": 4,
        "surplus": 3,
    }
    assert body["rows"] == 6


def test_labels_beside_a_truth_file_are_said_not_to_count(script: Script) -> None:
    truth = script.post("files", csv("id,y_true", "1,1", "2,0", "3,1")(), "t.csv", purpose="truth").json()
    read(truth["job"])
    content = csv("id,label,y_pred", "1,0,1", "2,1,0", "3,0,1")()
    run = script.post("runs", content, "p.csv", truth=truth["id"], roles='{"label": "target"}').json()
    assert run_job(script, run)["state"] == "succeeded"
    result = script.get(f"runs/{run['run']['id']}")["result"]
    assert next(m["value"] for m in result["metrics"] if m["key"] == "accuracy") == 1.0
    assert [note["params"] for note in result["notes"] if "truth file" in note["text"]] == [
        {"column": "label"}
    ]


def test_a_checksum_that_does_not_fit_keeps_nothing(script: Script) -> None:
    answer = script.post("runs", csv(HEADER, *rows())(), "a.csv", sha256="0" * 64)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "wrong_checksum"
    assert not DataFile.objects.exists()
    assert not Run.objects.exists()


def test_too_large_and_over_quota(script: Script, settings) -> None:
    content = csv(HEADER, *rows(1_000))()
    settings.MAX_UPLOAD_BYTES = 1_000
    answer = script.post("runs", content, "big.csv")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "file_too_large")
    settings.MAX_UPLOAD_BYTES = 10**9
    settings.PROJECT_QUOTA_BYTES = len(content) + 10
    assert script.post("runs", content, "fits.csv").status_code == 202
    answer = script.post("runs", content, "over.csv")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "quota_exceeded")
    assert Run.objects.count() == 1
