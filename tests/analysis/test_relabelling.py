"""The re-labelling round trip: from the suspects of a run over a filled-in list to the run judged anew."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.analysis import correcting
from apps.analysis.models import Analysis, Relabelling
from apps.compute.messages import InputRejected
from apps.compute.results import EvaluationResult
from apps.datasets.models import DataFile
from apps.datasets.storage import found_rows_path, raw_path
from apps.evaluations import pipeline as evaluating
from apps.evaluations.models import Run
from apps.jobs import ending
from apps.jobs.models import Job, State
from apps.ledger.services import enter_run
from apps.projects.models import Project, Role
from tests.analysis.conftest import PREDICTIONS, NoProgress
from tests.factories import make_member, make_token

pytestmark = pytest.mark.django_db
CIFAR = PREDICTIONS / "cifar10_label_errors"
#: Of the list by API and of the page of faults, however many lists came back.
LIST_QUERIES, PAGE_QUERIES = 3, 9
Evaluate = Callable[..., Run]
Ask = Callable[..., Analysis]


def address(name: str, analysis: Analysis, *more: Any) -> str:
    return reverse(f"analysis:{name}", args=[analysis.project.slug, analysis.run.number, *more])


def exported(client: Client, analysis: Analysis, query: str = "") -> pl.DataFrame:
    answer = client.get(address("suspects-csv", analysis, analysis.pk) + query)
    assert answer.status_code == 200
    return pl.read_csv(BytesIO(answer.content), infer_schema_length=None)


def sent(client: Client, analysis: Analysis, filled: pl.DataFrame, **said: Any) -> Relabelling:
    """Send a list by the page."""
    file = SimpleUploadedFile("checked.csv", filled.write_csv().encode())
    answer = client.post(address("relabel", analysis, analysis.pk), {"file": file, "days": "", **said})
    relabelling: Relabelling = Relabelling.objects.select_related("job").latest("pk")
    assert answer.status_code == 302
    assert answer["Location"] == address("relabelling", analysis, relabelling.pk)
    return relabelling


def corrected(relabelling: Relabelling) -> Relabelling:
    """Do the worker's part with the worker's code; the first attempt is lost before it is stored."""
    for save in [correcting.run_relabelling(relabelling.job, NoProgress()) for _ in range(2)][1:]:  # type: ignore[arg-type]
        save()
    Job.objects.filter(pk=relabelling.job_id).update(state=State.SUCCEEDED)
    found: Relabelling = Relabelling.objects.select_related("corrected", "corrected_run__job", "run").get(
        pk=relabelling.pk
    )
    assert found.corrected_run is not None
    evaluating.run_evaluation(found.corrected_run.job, NoProgress())()  # type: ignore[arg-type]
    found.corrected_run.refresh_from_db()
    return found


def accuracy(run: Run) -> float:
    return EvaluationResult.from_json(run.result or {}).metric("accuracy").value or 0.0


def test_the_corrections_of_people_raise_the_accuracy_on_cifar10(
    evaluate: Evaluate, ask: Ask, signed_in: Client
) -> None:
    run = evaluate(
        CIFAR / "pred_cleanlab_cnn.parquet", CIFAR / "labels_given.csv.gz", name="CNN", model="cnn"
    )
    analysis = ask(run, "faults")
    people = pl.read_csv(CIFAR / "truth.csv.gz", infer_schema_length=None)
    confirmed = people.filter("is_label_error").get_column("id")
    suspects = exported(signed_in, analysis)
    assert len(suspects) == 500
    assert suspects.head(275).get_column("id").is_in(confirmed.implode()).sum() >= 0.8 * 54

    answers = suspects.join(people, on="id", how="left", maintain_order="left")
    checked = pl.col("checked_by_humans")
    filled = suspects.with_columns(
        answers.select(
            new_label=pl.when(checked & ~pl.col("drop_after_check")).then("y_corrected"),
            drop=pl.when(checked & pl.col("drop_after_check")).then(pl.lit("yes")),
        )
    )
    page = signed_in.get(address("faults", analysis, analysis.pk)).content.decode()
    assert "<h1>About 283 of 10,000 labels may be wrong</h1>" in page
    assert "95% interval: 248 to 323." in page
    before = Run.objects.values().get(pk=run.pk), DataFile.objects.values().get(judged_runs=run)

    found = corrected(sent(signed_in, analysis, filled, days="0.5"))
    assert (found.changed, found.dropped, found.days) == (18, 36, 0.5)
    again = found.corrected_run
    assert again is not None
    assert (round(accuracy(run), 4), round(accuracy(again), 4)) == (0.9294, 0.9346)
    assert (again.parent, again.file, again.truth) == (run, run.file, found.corrected)
    assert (again.name, str(again.model_version)) == ("CNN, corrected labels", "cnn")
    written = pl.read_parquet(raw_path(found.corrected.sha256))  # type: ignore[union-attr]
    assert written.equals(pl.read_csv(CIFAR / "labels_corrected.csv.gz", infer_schema_length=None))
    assert (Run.objects.count(), DataFile.objects.count()) == (2, 4)
    assert before == (Run.objects.values().get(pk=run.pk), DataFile.objects.values().get(judged_runs=run))

    page = signed_in.get(address("relabelling", analysis, found.pk)).content.decode()
    assert "<h1>Accuracy 92.94% → 93.46%</h1>" in page
    assert "The labels changed, and not the model." in page

    change = enter_run(again)
    assert change is not None
    assert (change.kind, change.days, change.metric) == ("data", 0.5, "accuracy")
    written_down = signed_in.get(reverse("ledger:ledger", args=[run.project.slug])).content.decode()
    assert "+0.52 pp" in written_down
    assert "The same predictions, judged by the labels of" in written_down


@pytest.fixture
def small(evaluate: Evaluate, ask: Ask, tmp_path: Path) -> Analysis:
    """120 rows without ids whose labels are in the file of the predictions; two labels are flipped."""
    rng = np.random.default_rng(4)
    real = rng.integers(2, size=120)
    probability = np.where(real == 1, 0.95, 0.05) + rng.uniform(-0.04, 0.04, 120)
    given = real.copy()
    given[[10, 50]] = 1 - given[[10, 50]]
    frame = pl.DataFrame(
        {
            "y_true": given,
            "y_pred": real,
            "proba_1": probability,
            "colour": rng.choice(["<b>red", "blue"], 120),
        }
    )
    frame.write_csv(tmp_path / "run.csv")
    return ask(evaluate(tmp_path / "run.csv", name="own labels"), "faults")


def test_labels_in_the_file_of_the_predictions_are_corrected_there(
    small: Analysis, signed_in: Client
) -> None:
    suspects = exported(signed_in, small, "?kind=label&count=2")
    assert sorted(suspects.get_column("id").to_list()) == [11, 51]
    assert suspects.columns == [
        *("id", "row", "given_label", "suggested_label", "suspicion", "probability_of_given"),
        *("new_label", "drop"),
    ]
    filled = suspects.with_columns(new_label=pl.col("suggested_label"))
    found = corrected(sent(signed_in, small, filled))
    again = found.corrected_run
    assert again is not None
    assert (found.changed, found.dropped, accuracy(small.run), accuracy(again)) == (2, 0, 118 / 120, 1)
    assert (again.truth, again.file, again.file.purpose) == (None, found.corrected, "predictions")
    was = pl.read_csv(raw_path(small.run.file.sha256))
    now = pl.read_parquet(raw_path(again.file.sha256))
    assert now.drop("y_true").equals(was.drop("y_true"))
    assert (now["y_true"] != was["y_true"]).arg_true().to_list() == [10, 50]


BAD_LISTS = [
    ("unknown_id", "not in the truth", {"id": [999], "new_label": ["1"]}),
    ("doubled_id", "has an answer in row 1 already", {"id": [1, 1], "new_label": ["1", "0"]}),
    ("unknown_class", "none of the classes: 0, 1", {"id": [1], "new_label": ["maybe"]}),
    ("label_and_drop", "Keep one of the two", {"id": [1], "new_label": ["1"], "drop": ["yes"]}),
    ("nothing_filled_in", "No row of the list has an answer", {"id": [1], "new_label": [""]}),
    ("missing_column", "no column id", {"row": [1], "new_label": ["1"]}),
    ("other_list", "belongs to another run", {"id": [1], "given_label": ["7"], "new_label": ["1"]}),
]


@pytest.mark.parametrize(("code", "sentence", "columns"), BAD_LISTS, ids=[code for code, *_ in BAD_LISTS])
def test_a_list_that_cannot_be_used_fails_with_a_sentence(
    small: Analysis, signed_in: Client, code: str, sentence: str, columns: dict[str, list[Any]]
) -> None:
    relabelling = sent(signed_in, small, pl.DataFrame(columns))
    with pytest.raises(InputRejected, match=sentence) as caught:
        correcting.run_relabelling(relabelling.job, NoProgress())  # type: ignore[arg-type]
    assert caught.value.code == code
    Job.objects.filter(pk=relabelling.job_id).update(state=State.FAILED, error=ending.rejected(caught.value))
    page = signed_in.get(address("relabelling", small, relabelling.pk)).content.decode()
    assert "This list could not be used" in page
    assert sentence in page
    assert Run.objects.count() == 1


def test_answers_that_change_nothing_make_no_run(small: Analysis, signed_in: Client) -> None:
    suspects = exported(signed_in, small, "?kind=label&count=2")
    filled = suspects.with_columns(new_label=pl.col("given_label"))
    relabelling = sent(signed_in, small, filled)
    with pytest.raises(InputRejected, match="The 2 answers of the list leave every label as it is"):
        correcting.run_relabelling(relabelling.job, NoProgress())  # type: ignore[arg-type]


def test_the_api_gives_the_list_and_takes_it_back(
    small: Analysis, owner: User, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api = APIClient(raise_request_exception=False)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    listed = api.get(f"/api/v1/analyses/{small.pk}/suspects/?kind=label", HTTP_ACCEPT="text/csv")
    assert (listed.status_code, listed["Content-Type"]) == (200, "text/csv; charset=utf-8")
    frame = pl.read_csv(BytesIO(listed.content)).with_columns(new_label=pl.col("suggested_label"))

    def send(status: int = 202, key: str = "", client: APIClient = api, **said: Any) -> Any:
        file = SimpleUploadedFile("checked.csv", frame.write_csv().encode())
        body = {"analysis": small.pk, "file": file, **said}
        answer = client.post("/api/v1/relabellings/", body, format="multipart", HTTP_IDEMPOTENCY_KEY=key)
        assert answer.status_code == status, answer.content
        return answer.json()

    first = send(key="once", days=2)["relabelling"]
    assert send(key="once", days=2)["relabelling"]["id"] == first["id"]
    found = corrected(Relabelling.objects.select_related("job").get(pk=first["id"]))
    detail = api.get(f"/api/v1/relabellings/{first['id']}/").json()
    gain = next(row for row in detail["gain"] if row["metric"] == "accuracy")
    assert (detail["state"], detail["changed"], detail["days"]) == ("succeeded", 2, 2.0)
    assert detail["corrected_run"] == found.corrected_run_id
    assert (gain["before"], gain["after"]) == (pytest.approx(118 / 120), 1)
    assert gain["before_low"] < gain["before"] < gain["before_high"]

    assert send(400, days=20_000)["errors"][0]["field"] == "days"
    assert send(400, file=SimpleUploadedFile("empty.csv", b""))["errors"][0]["code"] == "empty_file"
    assert send(404, analysis=small.pk + 1000)
    for query in ("kind=none", "count=0", "count=99999", "strange=1"):
        assert api.get(f"/api/v1/analyses/{small.pk}/suspects/?{query}").status_code == 400
    clients = {}
    for who in (Role.VIEWER, Role.ENGINEER):
        clients[who] = APIClient(raise_request_exception=False)
        token = make_token(make_member(project, who))
        clients[who].credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    send(403, client=clients[Role.VIEWER])
    with django_assert_num_queries(LIST_QUERIES):
        assert api.get("/api/v1/relabellings/").json()["count"] == 1
    send(client=clients[Role.ENGINEER])
    with django_assert_num_queries(LIST_QUERIES):
        assert api.get("/api/v1/relabellings/").json()["count"] == 2


def test_pages_escape_page_and_say_what_is_gone(
    small: Analysis, signed_in: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = found_rows_path(str(small.pk))
    row = pl.read_parquet(path).head(1).with_columns(given=pl.lit("<i>cat"), id=pl.lit("<b>7"))
    pl.concat([row] * 60).write_parquet(path)
    at = address("faults", small, small.pk)
    page = signed_in.get(at)
    text = page.content.decode()
    assert "&lt;i&gt;cat" in text
    assert "<i>cat" not in text
    assert "1 to 50 of 60" in text
    assert "51 to 60 of 60" in signed_in.get(f"{at}?page=2&kind=label").content.decode()
    assert signed_in.get(f"{at}?page=x&kind=none").status_code == 200
    with django_assert_num_queries(PAGE_QUERIES):
        signed_in.get(at)
    for _ in range(2):
        sent(signed_in, small, pl.DataFrame({"id": [1], "new_label": ["1"]}))
    with django_assert_num_queries(PAGE_QUERIES):
        signed_in.get(at)
    path.unlink()
    assert "no longer in the storage" in signed_in.get(at).content.decode()
    assert signed_in.get(address("suspects-csv", small, small.pk)).status_code == 404


def test_what_the_upload_page_refuses(small: Analysis, signed_in: Client, ask: Ask) -> None:
    at = address("relabel", small, small.pk)
    none = signed_in.post(at, {"days": ""})
    assert (none.status_code, b"No file was chosen" in none.content) == (400, True)
    file = SimpleUploadedFile("checked.csv", b"id,new_label\n1,1\n")
    assert signed_in.post(at, {"days": "-1", "file": file}).status_code == 422
    assert not Relabelling.objects.exists()
    asked = signed_in.post(address("ask-faults", small), {"metric": "accuracy"})
    assert asked.status_code == 302
    assert Analysis.objects.filter(kind="faults", params={"metric": "accuracy"}).exists()
    assert signed_in.post(address("ask-faults", small), {"metric": "no"}).status_code == 422
