"""What changes brought: measured on runs, or stated by a source; by page and by API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.compute.comparison_result import ComparisonResult
from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile
from apps.evaluations.models import Comparison, Run
from apps.ledger.models import Change
from apps.ledger.reading import book
from apps.ledger.services import Effort, Elsewhere, edit_change, enter_run, record_change
from apps.projects.models import Project
from tests.evaluations.conftest import PREDICTIONS

pytestmark = pytest.mark.django_db

TABLE = json.loads((Path(__file__).parents[1] / "data/golden/data_vs_model_centric_table.json").read_text())
SOURCE = Elsewhere(kind="data", metric="accuracy", before=0.762, after=0.931, source="Lecture, table 1")


def _record_table(project: Project, owner: User) -> None:
    for row in TABLE["rows"]:
        for kind in ("model", "data"):
            record_change(
                project=project,
                user=owner,
                effort=Effort(title=f"{kind}-centric", subject=row["task"], kept=kind == "data"),
                elsewhere=Elsewhere(
                    kind=kind,
                    metric="accuracy",
                    before=row["baseline"] / 100,
                    after=row[f"{kind}_centric_total"] / 100,
                    source=TABLE["source"][:300],
                ),
            )


def test_the_table_of_data_work_and_model_work(project: Project, owner: User, client: Client) -> None:
    _record_table(project, owner)
    for row in TABLE["rows"]:
        found = book(project, subject=row["task"])
        assert found is not None
        assert found.summary is not None
        gains = {line.change.kind: line.entry.gain for line in found.lines if line.entry}
        assert gains["data"] * 100 == pytest.approx(row["data_centric_gain"])
        assert gains["model"] * 100 == pytest.approx(row["model_centric_gain"], abs=1e-9)
        assert found.summary.whole.low is None, "a stated gain has no interval"
    client.force_login(owner)
    page = client.get(reverse("ledger:ledger", args=[project.slug]), {"subject": "solar panel"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "+3.06" in text or "+3.1" in text
    assert "no interval" in text


def test_a_run_with_a_parent_enters_by_itself_with_the_measured_gain(
    project: Project,
    owner: User,
    evaluate: Callable[..., Run],
    sentiment: DataFile,
    finish: Callable[[Comparison], Comparison],
    django_capture_on_commit_callbacks: Any,
) -> None:
    folder = PREDICTIONS / "sentiment"
    facts = {"training_hash": "a" * 64, "code_revision": "c1", "parameters": {"smoothing": 1}}
    first = evaluate(folder / "pred_nb.csv", sentiment, model="nb", **facts)
    second = evaluate(
        folder / "pred_lr.csv", sentiment, model="lr", parent=first, **{**facts, "code_revision": "c2"}
    )
    change = enter_run(Run.objects.get(pk=second.pk))
    assert change is not None
    assert change.comparison is not None
    assert enter_run(Run.objects.get(pk=second.pk)) == change, "once is enough"
    assert change.kind == Change.Kind.MODEL
    result = ComparisonResult.from_json(finish(change.comparison).result)
    measured = result.metric("accuracy").differences[0]
    edit_change(change=change, user=owner, effort=Effort(title="Other model", days=2, cost=900))
    found = book(project)
    assert found is not None
    assert measured is not None
    assert found.summary is not None
    (entry,) = found.entries
    assert (entry.gain, entry.low, entry.high) == (measured.value, measured.low, measured.high)
    assert (entry.days, entry.cost, entry.title) == (2, 900, "Other model")
    assert found.summary.whole.measured
    values = result.metric("accuracy").values[0]
    assert values is not None
    assert found.start == values.value


@pytest.mark.parametrize(
    ("effort", "elsewhere", "code"),
    [
        (Effort(title=" "), SOURCE, "no_title"),
        (Effort(title="x", days=-1), SOURCE, "effort_out_of_range"),
        (Effort(title="x", cost=float("inf")), SOURCE, "effort_out_of_range"),
        (Effort(title="x"), replace(SOURCE, kind="luck"), "unknown_kind"),
        (Effort(title="x"), replace(SOURCE, metric="prevalence"), "unknown_metric"),
        (Effort(title="x"), replace(SOURCE, after=93.1), "share_in_percent"),
        (Effort(title="x"), replace(SOURCE, source=""), "no_source"),
    ],
)
def test_what_cannot_be_written_down(
    project: Project, owner: User, effort: Effort, elsewhere: Elsewhere, code: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        record_change(project=project, user=owner, effort=effort, elsewhere=elsewhere)
    assert refused.value.code == code
    assert not Change.objects.exists()


def test_the_api_records_and_sums_up(project: Project, owner: User) -> None:
    client = APIClient()
    client.force_authenticate(owner)
    body = {
        "project": project.slug,
        "title": "Labels <b>corrected</b>",
        "subject": "steel",
        "kind": "data",
        "metric": "accuracy",
        "before": 0.762,
        "after": 0.931,
        "source": "A report",
        "days": 4,
    }
    made = client.post("/api/v1/ledger-changes/", body, format="json")
    assert made.status_code == 201, made.data
    assert client.post("/api/v1/ledger-changes/", {**body, "after": 93.1}, format="json").status_code == 422
    found = client.get("/api/v1/ledger-changes/summary/", {"project": project.slug, "subject": "steel"})
    assert found.data["kept"]["data"]["gain"] == pytest.approx(0.169)
    assert found.data["kept"]["data"]["gain_per_day"] == pytest.approx(0.169 / 4)
    address = f"/api/v1/ledger-changes/{made.data['id']}/"
    changed = client.patch(address, {"kept": False}, format="json")
    assert (changed.data["kept"], changed.data["days"]) == (False, 4)
    web = Client()
    web.force_login(owner)
    page = web.get(reverse("ledger:ledger", args=[project.slug])).content.decode()
    assert "Labels &lt;b&gt;corrected&lt;/b&gt;" in page
    assert "<b>corrected" not in page


def test_forms_keep_what_was_typed_and_say_what_is_wrong(
    project: Project, owner: User, client: Client
) -> None:
    client.force_login(owner)
    address = reverse("ledger:record", args=[project.slug])
    typed = {"title": "Cleaner labels", "kind": "data", "metric": "accuracy", "before": "0.7", "after": "93"}
    page = client.post(address, {**typed, "source": "A report"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "Cleaner labels" in text
    assert "write 0.931 for 93.1 %" in text
    page = client.post(address, {**typed, "after": "0.8", "source": "A report", "kept": "on"}, follow=True)
    assert "Cleaner labels" in page.content.decode()
