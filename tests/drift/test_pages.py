"""What the pages of drift say, how heavy they are, and how many queries they need."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.compute.drift.result import Verdict
from apps.drift.models import DriftReport, EvidentlyReport, Reference
from apps.jobs.models import State
from apps.projects.models import Project, Role
from tests.drift import made
from tests.factories import make_file, make_job, make_member, make_project, make_user

PAGE_BYTES = 150_000
NONE, DRIFT, UNSURE = Verdict.NONE, Verdict.DRIFT, Verdict.UNSURE


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Nadia Petrova")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner, "Payment fraud screening")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def page_of(client: Client, report: DriftReport, query: str = "") -> str:
    response = client.get(reverse("drift:detail", args=[report.project.slug, report.number]) + query)
    assert response.status_code == 200
    return response.content.decode()


def list_of(client: Client, project: Project, query: str = "") -> str:
    response = client.get(reverse("drift:list", args=[project.slug]) + query)
    assert response.status_code == 200
    return response.content.decode()


def queries(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [found["sql"] for found in captured.captured_queries]


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r">Drift report (\d+)</a>", page)]


def names(page: str) -> list[str]:
    """The columns of the table, in its order."""
    return re.findall(r'<th scope="row"><a class="mono"[^>]*>([^<]*)</a>', page)


# A report


def test_the_sentence_comes_first(signed_in: Client, project: Project) -> None:
    page = page_of(signed_in, made.make_report(project, made.full_result()))
    assert "3 of 10 columns drifted, the first since 14 November" in page
    assert "the predictions did not." in page
    assert "A likely cause: merchant_age_days: empty values." in page
    assert "Drift began on 14 November" in page
    assert "A classifier tells the two apart in 97 of 100 pairs of rows" in page
    assert "Mostly by device_os, hour_of_day." in page


def test_columns_say_what_is_so(signed_in: Client, project: Project) -> None:
    page = page_of(signed_in, made.make_report(project, made.full_result()))
    assert names(page)[:3] == ["score", "device_os", "merchant_age_days"]
    assert "Evidently flags it; with these rows it may be chance" in page
    assert "Evidently flags it; the change is too small to matter" in page
    assert "The current side has no value in this column." in page
    assert "0.0 to 3.8" in page  # empty, %
    assert "device_os: “HarmonyOS 5” never occurred in the reference" in page  # the first that drifted


def test_a_column_in_detail(signed_in: Client, project: Project) -> None:
    report = made.make_report(project, made.full_result())
    page = page_of(signed_in, report, "?column=2")
    assert "merchant_age_days: the middle value fell from 400 to 250" in page
    assert "Random parts of the reference differ by up to 0.020." in page
    assert "Infinite values were left out: 3." in page
    assert re.search(r'<th scope="row">Empty</th><td class="n">0</td><td class="n">1,306</td>', page)
    assert "comment: “refund” is typical of the current rows" in page_of(signed_in, report, "?column=9")
    assert "is_fraud cannot be compared" in page_of(signed_in, report, "?column=10")
    assert "The evidence on" not in page_of(signed_in, report, "?column=99999")
    assert "The evidence on device_os" in page_of(signed_in, report, "?column=x")


def test_columns_are_found(signed_in: Client, project: Project) -> None:
    report = made.make_report(project, made.full_result())
    assert names(page_of(signed_in, report, "?q=AGE")) == ["merchant_age_days"]
    assert names(page_of(signed_in, report, "?verdict=unsure")) == ["session_minutes", "comment"]
    assert names(page_of(signed_in, report, "?verdict=nonsense&sort=password"))[0] == "score"
    assert names(page_of(signed_in, report, "?sort=name"))[1] == "amount_eur"
    assert "No column fits." in page_of(signed_in, report, "?q=nothing")


def test_names_cannot_write_markup(signed_in: Client, project: Project) -> None:
    report = made.make_report(project, made.full_result(), name=made.EVIL)
    for query in ("", "?column=3", "?column=1"):
        assert "<img" not in page_of(signed_in, report, query)
    assert "<img" not in list_of(signed_in, project)


@pytest.mark.parametrize(
    ("columns", "sentence", "advice"),
    [
        ((made.number("a", 0.01, NONE),), "The 1 column has not drifted.", "Nothing has to be done."),
        ((made.number("a", 0.3, UNSURE),), "The 1 column has not drifted.", "Compare more rows."),
        (
            (made.number("a", 0.3, UNSURE), *(made.number(n, 0.01, NONE) for n in "bc")),
            "None of 3 columns drifted.",
            "1 column is beyond its limit, and that may be chance.",
        ),
        ((made.incomparable("a"),), "No column could be compared.", "Each column says why."),
        (
            (made.number("y", 0.3, DRIFT, role="prediction"), made.number("b", 0.01, NONE)),
            "1 of 2 columns drifted; the predictions are among them.",
            "Look first at y.",
        ),
        (
            (made.number("y", 0.02, Verdict.SMALL, role="target"), made.number("b", 0.01, NONE)),
            "None of 2 columns drifted; the target moved a little.",
            "Nothing has to be done.",
        ),
        ((), "No column could be compared.", "Each column says why."),
    ],
)  # fmt: skip
def test_every_result_has_its_sentence(
    signed_in: Client, project: Project, columns: tuple[object, ...], sentence: str, advice: str
) -> None:
    page = page_of(signed_in, made.make_report(project, made.result(columns)))
    assert sentence in page
    assert advice in page


def test_before_there_is_a_result(signed_in: Client, project: Project) -> None:
    assert "What happens now" in page_of(signed_in, made.make_report(project))
    error = {"message": {"text": "The file has no rows.", "params": {}}}
    job = make_job(project, state=State.FAILED, error=error)
    failed = page_of(signed_in, made.make_report(project, job=job))
    assert "The two sides could not be compared" in failed
    assert "The file has no rows." in failed
    cancelled = made.make_report(project, job=make_job(project, state=State.CANCELLED))
    assert "This report was cancelled" in page_of(signed_in, cancelled)


def test_a_wide_report_is_light_and_usable(signed_in: Client, project: Project) -> None:
    few = made.make_report(project, made.result(tuple(made.number(f"c{i}", 0.3, DRIFT) for i in range(25))))
    assert len(page_of(signed_in, few).encode()) < PAGE_BYTES
    kinds = (made.number, made.category)
    columns = tuple(kinds[i % 2](f"column {i:04}", 1 - i / 5_000, DRIFT) for i in range(5_000))
    many = made.make_report(project, made.result(columns))
    page = page_of(signed_in, many)
    assert names(page) == [f"column {i:04}" for i in range(50)]
    assert "Show more of 4,950 columns" in page
    assert names(page_of(signed_in, many, "?page=100"))[-1] == "column 4999"
    assert names(page_of(signed_in, many, "?q=4321&column=4321")) == ["column 4321"]
    assert len(page.encode()) < PAGE_BYTES
    addresses = [reverse("drift:detail", args=[project.slug, each.number]) for each in (few, many)]
    light, heavy = (queries(signed_in, address) for address in addresses)
    assert len(heavy) == len(light) <= 20


def test_the_numbers_of_a_series_are_drawn(signed_in: Client, project: Project) -> None:
    """Only reports that compare with the same reference are points of one line."""
    for value in (0.03, 0.05, 0.08):
        columns = (made.number("y", value, NONE, role="prediction"),)
        last = made.make_report(project, made.result(columns))
    made.make_report(project, made.result(), series="another")
    page = page_of(signed_in, last)
    assert "No drift at any time" in page
    assert "distance of y from the reference" in page
    drawn = re.search(r'<script id="figure-drift-time-line"[^>]*>(.*?)</script>', page, re.S)
    assert drawn
    assert "[0.03, 0.05, 0.08]" in drawn[1]


# The list


def test_the_list_begins_with_the_newest(signed_in: Client, project: Project) -> None:
    for _ in range(2):
        made.make_report(project, made.full_result())
    made.make_report(project)  # waits
    page = list_of(signed_in, project)
    assert "3 of 10 columns drifted, the first since 14 November" in page
    assert "Drift goes on: 3 of 10 columns" in page
    assert numbers(page) == [3, 2, 1]
    tab = re.search(r'aria-current="page">Drift<span class="n bad">(\d+)</span>', page)
    assert tab
    assert tab[1] == "3"


def test_reports_are_found(signed_in: Client, project: Project) -> None:
    drifted = made.make_report(project, made.full_result())
    made.make_report(project, made.result((made.number("a", 0.01, NONE),)))
    made.make_report(project, job=make_job(project, state=State.FAILED))
    made.make_report(project, current_file=make_file(project, name="bike_2012.parquet"))
    assert numbers(list_of(signed_in, project, "?result=drift")) == [drifted.number]
    assert numbers(list_of(signed_in, project, "?result=none")) == [2]
    assert numbers(list_of(signed_in, project, "?result=failed")) == [3]
    assert numbers(list_of(signed_in, project, "?result=waiting")) == [4]
    assert numbers(list_of(signed_in, project, "?q=BIKE")) == [4]
    assert numbers(list_of(signed_in, project, "?q=3")) == [3]
    assert numbers(list_of(signed_in, project, "?sort=drifted")) == [2, 1, 4, 3]
    assert numbers(list_of(signed_in, project, "?sort=password&result=x")) == [4, 3, 2, 1]
    assert "No report fits “&lt;b&gt;”, No drift" in list_of(signed_in, project, "?q=<b>&result=none")


def test_an_empty_list_explains(signed_in: Client, client: Client, project: Project) -> None:
    assert "Make the first report" in list_of(signed_in, project)
    client.force_login(make_member(project, Role.VIEWER))
    page = list_of(client, project)
    assert "Engineers of the project make them." in page
    assert reverse("drift:new", args=[project.slug]) not in page


def test_five_thousand_reports(signed_in: Client, project: Project) -> None:
    address = reverse("drift:list", args=[project.slug])
    made.fill(project, 10)
    few = queries(signed_in, address)
    made.fill(project, 4_990)
    many = queries(signed_in, address)
    assert len(many) == len(few) <= 19
    page = list_of(signed_in, project, "?page=100")
    assert numbers(page) == list(range(50, 0, -1))
    assert not any('"result"' in sql and "LIMIT 50" in sql for sql in many), "results are heavy and not shown"


# What is done with a report


def test_the_reference_is_set_with_a_reason(signed_in: Client, project: Project) -> None:
    report = made.make_report(project, made.full_result(), current_selection=[
        {"column": "month", "operator": "in", "values": [11]}
    ])  # fmt: skip
    address = reverse("drift:make-reference", args=[project.slug, report.number])
    assert "month is one of 11" in signed_in.get(address).content.decode()
    too_long = signed_in.post(address, {"reason": "x" * 1_001})
    assert too_long.status_code == 200
    assert not Reference.objects.exists()
    assert signed_in.post(address, {"reason": "Trained on <b>it</b>."}).status_code == 302
    reference = Reference.objects.get(project=project)
    assert (reference.file, reference.selection) == (report.current_file, report.current_selection)
    page = list_of(signed_in, project)
    assert "Trained on &lt;b&gt;it&lt;/b&gt;." in page
    assert "Set by Nadia Petrova" in page


def test_evidently_is_asked_once(signed_in: Client, project: Project) -> None:
    report = made.make_report(project, made.full_result())
    address = reverse("drift:evidently", args=[project.slug, report.number])
    assert "Nobody has asked for it yet" in signed_in.get(address).content.decode()
    for _ in range(2):
        assert signed_in.post(address).status_code == 302
    made_page = EvidentlyReport.objects.get(report=report)
    assert f"job-{made_page.job_id}" in signed_in.get(address).content.decode()
    EvidentlyReport.objects.update(sha256="0" * 64, size=2_000_000, rows=100_000, columns=10)
    page = signed_in.get(address).content.decode()
    assert '<iframe class="evidently-frame" sandbox="allow-scripts"' in page
    unfinished = made.make_report(project)
    answer = signed_in.post(reverse("drift:evidently", args=[project.slug, unfinished.number]), follow=True)
    assert "has no result yet" in answer.content.decode()


def test_methods_are_told_in_words(signed_in: Client, project: Project) -> None:
    page = signed_in.get(reverse("drift:methods", args=[project.slug])).content.decode()
    assert 'id="wasserstein"' in page
    assert "When it misleads:" in page
    assert "flagged when p is below 0.05" in page
