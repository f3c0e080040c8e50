"""What a report finds, and what it does with data that cannot be compared.

The golden values are Evidently's (`tests/data/golden/drift`), reached through API, broker and worker; the
other tests run the worker's code themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import User
from apps.compute.drift.spec import ColumnSettings, DriftSpec
from apps.compute.messages import InputRejected
from apps.compute.selection import Condition, Operator, Selection
from apps.datasets import storage
from apps.datasets.models import DataFile, Dataset, DatasetVersion, Expectation
from apps.drift.models import DriftReport
from apps.drift.services import Source, submit_report, submit_upload_report
from apps.drift.signals import report_finished
from apps.projects.models import Project
from tests.flows.client import Script, make_script

DATA = Path(__file__).parents[1] / "data"
DATASETS, GOLDEN = DATA / "datasets", DATA / "golden" / "drift"
EDUCATION = ["Some-college", "HS-grad", "Bachelors"]
EVIL = "<img src=x onerror=alert(1)>"
Finish = Callable[[DriftReport], DriftReport]


def where(column: str, operator: str, *values: Any) -> list[dict[str, Any]]:
    return [{"column": column, "operator": operator, "values": list(values)}]


#: Golden file -> data, the rows of the reference, the current rows.
SPLITS = {
    "adult_by_education": (
        "adult_census.parquet",
        where("education", "not_in", *EDUCATION),
        where("education", "in", *EDUCATION),
    ),
    "bike_2011_vs_2012": ("bike_sharing_hour.csv.gz", where("yr", "in", 0), where("yr", "in", 1)),
    "elec2_before_after_vic_feed": (
        "elec2_nsw.parquet",
        where("id", "before", 17_424),
        where("id", "from", 17_424),
    ),
}


@pytest.fixture
def script(transactional_db: None) -> Script:
    return make_script()


@pytest.mark.parametrize("name", SPLITS)
def test_values_and_flags_are_evidentlys(script: Script, live_worker: Any, name: str) -> None:
    file, reference, current = SPLITS[name]
    golden = json.loads((GOLDEN / f"{name}.json").read_text())["evidently"]
    uploaded = script.post("files", (DATASETS / file).read_bytes(), file, purpose="data")
    stored = uploaded.json()["id"]
    asked = {
        "project": script.project,
        "file_id": stored,
        "selection": current,
        "reference": {"file_id": stored, "selection": reference},
        # Evidently takes every column for what it is; the golden file has no target and no time.
        "roles": dict.fromkeys(golden["preset_default"], "feature"),
        "columns": {
            column: {"kind": "category"}  # such as the day of the week, which is a number
            for column, expected in golden["preset_default"].items()
            if expected["method"] == "Jensen-Shannon distance"
        },
    }
    answer = script.api.post("/api/v1/drift-reports/", asked, format="json")
    assert answer.status_code == 202, answer.content
    job = script.wait(answer.json()["job"]["id"])
    assert job["state"] == "succeeded", job["error"]
    report = script.get(f"drift-reports/{answer.json()['report']['id']}")
    page = script.get(f"drift-reports/{report['id']}/columns", page_size=200)
    columns = {column["name"]: column for column in page["results"]}
    for column, expected in golden["preset_default"].items():
        found = columns[column]
        assert found["value"] == pytest.approx(expected["value"], abs=1e-9), column
        assert found["limit"] == expected["threshold"]
        assert found["flagged"] == (expected["value"] >= expected["threshold"])
    assert (report["reference_rows"], report["current_rows"]) == (golden["n_reference"], golden["n_current"])
    flagged = [column for column in golden["preset_default"] if columns[column]["flagged"]]
    assert len(flagged) == golden["preset_drifted_columns"]["count"]


def compared(
    project: Project, owner: User, reference: DataFile, current: DataFile, **said: Any
) -> DriftReport:
    return submit_report(
        project=project, user=owner, reference=Source(reference), current=Source(current), **said
    )


@pytest.mark.django_db
def test_one_bad_column_does_not_fail_the_report(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    good = [float(i % 17) for i in range(60)]
    reference = stored(
        {
            "good": good,
            "empty": [None] * 60,
            "typed": good,
            EVIL: good,
            "gone": good,
            "inf": [float("inf")] * 60,
        }
    )
    current = stored(
        {
            "good": good[::-1],
            "empty": good,
            "typed": [f"text {i}" for i in range(60)],
            EVIL: [each + 9 for each in good],
            "new": good,
            "inf": good,
        }
    )
    report = finish(compared(project, owner, reference, current))
    verdicts = dict(report.columns.values_list("name", "verdict"))
    assert verdicts == {
        "good": "none",
        EVIL: "drift",
        **dict.fromkeys(("empty", "typed", "inf"), "incomparable"),
    }
    assert (report.compared, report.flagged, report.drifted) == (2, 1, 1)
    assert report.is_drift is True
    assert (report.result["only_reference"], report.result["only_current"]) == (["gone"], ["new"])
    assert all(column.data["reason"]["text"] for column in report.columns.filter(verdict="incomparable"))
    assert report.findings_bad + report.findings_warn > 0
    with pytest.raises(InputRejected) as refused:
        finish(compared(project, owner, stored({"other": good}), current))
    assert refused.value.code == "no_common_column"


@pytest.mark.django_db
def test_rows_that_are_not_there(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    file = stored({"x": [1.0, 2.0, 3.0], "day": ["a", "a", "b"]})
    nothing = Selection((Condition("day", Operator.IN, ("z",)),))
    report = submit_report(
        project=project, user=owner, reference=Source(file), current=Source(file, selection=nothing)
    )
    with pytest.raises(InputRejected) as refused:
        finish(report)
    assert refused.value.code == "no_rows"
    assert report.columns.count() == 0


@pytest.mark.django_db
def test_an_upload_is_read_by_its_report(
    project: Project,
    owner: User,
    stored: Callable[..., DataFile],
    incoming: Callable[..., Any],
    finish: Finish,
) -> None:
    """Its file is as if it had been read alone, and what is said of a column it has not is told then."""
    reference = Source(stored({"x": [1.0, 2.0, 3.0], "id": [1, 2, 3]}))
    new = {"x": [4.0, 5.0, 6.0], "id": [4, 5, 6]}
    report = submit_upload_report(project=project, user=owner, upload=incoming(new), reference=reference)
    assert not report.current_file.is_read
    heard: list[DriftReport] = []
    report_finished.connect(lambda report, **_: heard.append(report), weak=False, dispatch_uid="test")
    finish(report)
    file = DataFile.objects.get(pk=report.current_file_id)
    assert (file.rows, file.roles["id"]["role"]) == (3, "id")
    assert [column.name for column in report.columns.all()] == ["x"]
    report_finished.disconnect(dispatch_uid="test")
    unknown = DriftSpec(columns={"z": ColumnSettings(ignore=True)})
    wrong = submit_upload_report(
        project=project, user=owner, upload=incoming({"x": [7.0]}), reference=reference, spec=unknown
    )
    with pytest.raises(InputRejected) as refused:
        finish(wrong)
    assert refused.value.code == "missing_column"


@pytest.mark.django_db
def test_a_repeated_job_leaves_one_result(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    report = finish(compared(project, owner, stored({"x": [1.0, 2.0]}), stored({"x": [3.0, 4.0]})))
    before = [(column.name, column.value) for column in report.columns.all()]
    finish(report)
    assert [(column.name, column.value) for column in report.columns.all()] == before


@pytest.mark.django_db
def test_nothing_that_json_cannot_hold_stops_a_report(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    reference = stored({"x": ["a\0b", "c", "c"], "y": [1.0, float("nan"), float("inf")]})
    current = stored({"x": ["d\0", "d\0", "c"], "y": [float("-inf"), 2.0, 3.0]})
    report = finish(compared(project, owner, reference, current))
    assert report.columns.get(name="x").data["unseen"] == [{"value": "d\ufffd", "count": 2}]


@pytest.mark.django_db
def test_times_without_zone_are_taken_as_utc(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    start = datetime(2024, 3, 1)
    rows = range(400)
    sides = [
        stored(
            {
                "at": [start + timedelta(days=shift, hours=i) for i in rows],
                "x": [float(i % 7 + shift) for i in rows],
            }
        )
        for shift in (0, 100)
    ]
    dated = finish(compared(project, owner, *sides, spec=DriftSpec(time_column="at")))
    first = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(days=100)
    assert (dated.observed_from, dated.observed_to) == (first, first + timedelta(hours=399))
    undated = finish(compared(project, owner, *[stored({"x": [float(i), 1.0]}) for i in (1, 2)]))
    assert undated.observed_from == undated.observed_to == undated.created_at


@pytest.mark.django_db
def test_what_is_expected_of_the_reference_is_held_against_the_current_data(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    reference = stored({"price": [1.0, 2.0, 3.0, 4.0], "day": ["a", "a", "b", "b"]})
    current = stored({"price": [1.0, -2.0, -3.0, 4.0], "day": ["a", "a", "b", "b"]})
    dataset = Dataset.objects.create(project=project, name="Prices")
    version = DatasetVersion.objects.create(
        project=project, dataset=dataset, number=1, file=reference, created_by=owner
    )
    for severity in Expectation.Severity.values:
        Expectation.objects.create(
            project=project, dataset=dataset, kind="range", columns=["price"], params={"min": 0},
            severity=severity, created_by=owner,
        )  # fmt: skip
    chosen = {"whole": Selection(), "first": Selection((Condition("day", Operator.IN, ("a",)),))}
    found = {}
    for name, selection in chosen.items():
        report = submit_report(
            project=project,
            user=owner,
            reference=Source.of_version(version),
            current=Source(current, selection=selection),
        )
        findings = finish(report).result["findings"]
        found[name] = [(f["state"], f["rows"]) for f in findings if f["code"] == "expectation"]
    assert found == {"whole": [("warn", 2), ("bad", 2)], "first": [("warn", 1), ("bad", 1)]}


@pytest.mark.django_db
def test_a_second_report_finds_what_the_first_kept(
    project: Project, owner: User, stored: Callable[..., DataFile], finish: Finish
) -> None:
    rows = range(12_000)
    reference = stored({"x": [float(i % 101) for i in rows]})
    answers = []
    for shift in (1, 1):
        current = stored({"x": [float(i % 101 + shift) for i in rows]})
        report = finish(compared(project, owner, reference, current))
        answers.append(report.columns.get().data)
    (folder,) = (storage.table_path(reference.sha256).parents[2] / "references").glob(
        f"*/{reference.sha256}*"
    )
    assert any(folder.iterdir())
    assert answers[0] == answers[1]
