"""From the file to the run: the pages of an upload, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.compute.roles import ColumnRole, Role
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.projects.models import Project
from apps.projects.models import Role as Member
from tests.evaluations.conftest import PREDICTIONS
from tests.factories import make_member

CSV = b"id,y_true,y_pred\n1,a,a\n2,b,b\n3,a,b\n"


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def upload_url(project: Project) -> str:
    return reverse("evaluations:upload", args=[project.slug])


def send(client: Client, address: str, content: bytes, name: str = "p.csv") -> Any:
    return client.post(address, {"file": SimpleUploadedFile(name, content)})


def columns_url(file: DataFile) -> str:
    return reverse("evaluations:columns", args=[file.project.slug, file.pk])


def filled(page: str, **changes: str) -> dict[str, str]:
    """What a browser would send of the form in ``page``, with changes."""
    data = dict(re.findall(r'<input type="(?:text|hidden|number)" name="([\w-]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = chosen.group(1) if chosen else ""
    data.pop("csrfmiddlewaretoken", None)
    return {**data, **changes}


def test_a_file_becomes_a_row_and_a_job(signed_in: Client, upload_url: str) -> None:
    answer = send(signed_in, upload_url, CSV)
    file = DataFile.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, columns_url(file))
    assert (file.name, file.size, file.job.state) == ("p.csv", len(CSV), "queued")
    waiting = signed_in.get(columns_url(file)).content.decode()
    assert reverse("jobs:fragment", args=[file.project.slug, file.job_id]) + "?reload=1" in waiting


def test_refused_files(signed_in: Client, upload_url: str, settings: Any) -> None:
    empty = send(signed_in, upload_url, b"", "empty.csv")
    assert empty.status_code == 400
    assert "The file “empty.csv” is empty." in empty.content.decode()
    assert signed_in.post(upload_url, {}).status_code == 400
    settings.MAX_UPLOAD_BYTES = 10
    large = send(signed_in, upload_url, CSV, "<b>.csv")
    assert large.status_code == 413
    assert "The file “&lt;b&gt;.csv” is larger than" in large.content.decode()
    settings.MAX_UPLOAD_BYTES, settings.PROJECT_QUOTA_BYTES = 1_000, 10
    assert send(signed_in, upload_url, CSV).status_code == 413
    assert not DataFile.objects.exists()


def test_who_may_send(client: Client, project: Project, upload_url: str) -> None:
    assert send(client, upload_url, CSV).status_code == 302  # to the sign-in
    client.force_login(make_member(project, Member.VIEWER))
    assert send(client, upload_url, CSV).status_code == 403
    assert not DataFile.objects.exists()


def test_forged_forms_are_refused(owner: User, upload_url: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert send(client, upload_url, CSV).status_code == 403
    client.get(upload_url)
    token = client.cookies["csrftoken"].value
    sent = {"file": SimpleUploadedFile("p.csv", CSV), "csrfmiddlewaretoken": token}
    assert client.post(upload_url, sent).status_code == 302


def test_guesses_are_shown_and_corrected(
    signed_in: Client, read: Callable[..., DataFile], project: Project
) -> None:
    file = read(PREDICTIONS / "bike" / "combined_hgb.parquet")
    page = signed_in.get(columns_url(file)).content.decode()
    assert "Everything fits together." in page
    names = [column["name"] for column in file.profile]
    form = filled(page)
    assert form[f"role-{names.index('y_true')}"] == "target"
    hour = f"role-{names.index('hr')}"
    assert form[hour] == "slice"
    answer = signed_in.post(columns_url(file), {**form, hour: "feature", "name": "Two", "do": "evaluate"})
    run = Run.objects.get()
    assert answer["Location"] == reverse("evaluations:detail", args=[project.slug, run.number])
    assert run.roles["hr"]["role"] == "feature"
    assert run.roles["y_true"]["role"] == "target"
    assert run.name == "Two"
    file.refresh_from_db()
    assert file.roles["hr"]["role"] == "feature"


def test_faults_stop_the_evaluation(signed_in: Client, read: Callable[..., DataFile]) -> None:
    file = read(PREDICTIONS / "bike" / "combined_hgb.parquet")
    page = signed_in.get(columns_url(file)).content.decode()
    target = [column["name"] for column in file.profile].index("y_true")
    wrong = filled(page, **{f"role-{target}": "ignore", "notes": "kept", "do": "evaluate"})
    answer = signed_in.post(columns_url(file), wrong).content.decode()
    assert "No column is the target." in answer
    assert "Fix 1 thing first, then check." in answer
    assert re.search(r'value="evaluate" disabled aria-describedby="why"', answer)
    assert ">\nkept</textarea>" in answer
    assert not Run.objects.exists()
    right = filled(answer, **{f"role-{target}": "target", "do": "check"})
    checked = signed_in.post(columns_url(file), right).content.decode()
    assert "Everything fits together." in checked
    assert not Run.objects.exists()


def test_wrong_fields_keep_what_was_typed(signed_in: Client, read: Callable[..., DataFile]) -> None:
    file = read(PREDICTIONS / "bike" / "combined_hgb.parquet")
    page = signed_in.get(columns_url(file)).content.decode()
    wrong = filled(page, threshold="0,5x", cross_slices="hr × colour", model="m", do="evaluate")
    answer = signed_in.post(columns_url(file), wrong).content.decode()
    assert "Write a number between 0 and 1, for example 0.5" in answer
    assert "There is no column “colour”" in answer
    assert 'value="0,5x"' in answer
    assert 'value="m"' in answer
    assert not Run.objects.exists()


def test_truth_file_is_offered(signed_in: Client, read: Callable[..., DataFile]) -> None:
    folder = PREDICTIONS / "adult"
    truth = read(folder / "truth.parquet", DataFile.Purpose.TRUTH)
    file = read(folder / "pred_lr.csv.gz")
    page = signed_in.get(columns_url(file)).content.decode()
    assert "Everything fits together." in page
    form = filled(page, cross_slices="sex * race", do="evaluate")
    assert form["truth"] == str(truth.pk)
    signed_in.post(columns_url(file), form)
    run = Run.objects.get()
    assert run.truth == truth
    assert run.cross_slices == [["sex", "race"]]


def test_evaluate_again_starts_from_the_run(
    signed_in: Client, evaluate: Callable[..., Run], project: Project
) -> None:
    run = evaluate(
        PREDICTIONS / "bike" / "combined_hgb.parquet",
        name="First",
        model="boosting",
        roles={"hr": ColumnRole(Role.IGNORE)},
    )
    address = f"{columns_url(run.file)}?run={run.number}"
    page = signed_in.get(address).content.decode()
    hour = f"role-{[p['name'] for p in run.file.profile].index('hr')}"
    form = filled(page)
    assert (form["name"], form["model"], form[hour]) == ("First", "boosting", "ignore")
    signed_in.post(address, {**form, "do": "evaluate"})
    again = Run.objects.get(number=run.number + 1)
    assert again.file == run.file
    assert again.roles["hr"]["role"] == "ignore"


def test_five_thousand_columns(signed_in: Client, read: Callable[..., DataFile], tmp_path: Path) -> None:
    names = [f"f{i}" for i in range(4_997)]
    head = ",".join(["id", *names, "y_true", "y_pred"])
    rows = [",".join([str(i), *(f"{i}.{j % 7}" for j in range(4_997)), str(i % 2), "1"]) for i in range(6)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([head, *rows]))
    file = read(path)
    page = signed_in.get(columns_url(file)).content.decode()
    assert len(page) < 600_000
    form = filled(page)
    assert sum(name.startswith("role-") for name in form) <= 100
    assert form["role-4998"] == "target", "used columns come first, wherever they stand"
    found = signed_in.post(columns_url(file), {**form, "find": "f4321", "do": "find"}).content.decode()
    assert [name for name in filled(found) if name.startswith("role-")] == ["role-4322"]
    changed = {**filled(found), "role-4322": "slice", "do": "page-2"}
    second = signed_in.post(columns_url(file), {**changed, "find": ""}).content.decode()
    assert "101 to 200 of 5,000" in second
    file.refresh_from_db()
    assert file.roles["f4321"]["role"] == "slice"
    assert file.roles["y_true"]["role"] == "target"


def test_awkward_column_names(signed_in: Client, read: Callable[..., DataFile], tmp_path: Path) -> None:
    path = tmp_path / "awkward.csv"
    path.write_text('id,y_true,y_pred,"<script>alert(1)</script>","say ""hi"""\n1,0,0,x,y\n2,1,1,x,z\n')
    page = signed_in.get(columns_url(read(path))).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "say &quot;hi&quot;" in page


def test_unreadable_file_says_why(signed_in: Client, project: Project, owner: User) -> None:
    from apps.jobs.models import Job, State
    from tests.factories import make_file, make_job

    error = {"code": "x", "message": {"text": "Row %(row)d is short.", "params": {"row": 7}}}
    file = make_file(project, job=make_job(project))
    Job.objects.filter(pk=file.job_id).update(state=State.FAILED, error=error)
    page = signed_in.get(columns_url(file)).content.decode()
    assert "Row 7 is short." in page
    assert "Try another file" in page
