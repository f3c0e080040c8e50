"""The list of runs: order, filters, pages, and a number of queries that does not grow."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.evaluations.models import MetricValue, Model, ModelVersion, Run
from apps.jobs.models import Job, State
from apps.projects.models import Project
from tests.factories import make_file, make_job, make_run


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def make_judged(project: Project, accuracy: float, **fields: object) -> Run:
    job = make_job(project, state=State.SUCCEEDED)
    run = make_run(project, job=job, task="binary", **fields)
    run.values.create(metric="accuracy", value=accuracy, low=accuracy - 0.01, high=accuracy + 0.01, n=100)
    return run


def numbers(client: Client, project: Project, query: str = "") -> list[int]:
    page = client.get(reverse("evaluations:list", args=[project.slug]) + query).content.decode()
    return [int(number) for number in re.findall(r">Run (\d+)</a>", page)]


def test_order(signed_in: Client, project: Project) -> None:
    for accuracy in (0.7, 0.9, 0.8):
        make_judged(project, accuracy)
    make_run(project)  # waits, so it has no accuracy
    assert numbers(signed_in, project) == [4, 3, 2, 1]
    assert numbers(signed_in, project, "?sort=number") == [1, 2, 3, 4]
    assert numbers(signed_in, project, "?sort=-accuracy") == [2, 3, 1, 4]
    assert numbers(signed_in, project, "?sort=accuracy") == [1, 3, 2, 4]
    assert numbers(signed_in, project, "?sort=password") == [4, 3, 2, 1]


def test_filters(signed_in: Client, project: Project) -> None:
    model = Model.objects.create(project=project, name="gradient boosting")
    version = ModelVersion.objects.create(model=model, label="1")
    make_judged(project, 0.7, model_version=version)
    make_judged(project, 0.8, name="the quiet one")
    make_run(project)
    assert numbers(signed_in, project, "?q=quiet") == [2]
    assert numbers(signed_in, project, "?q=3") == [3]
    assert numbers(signed_in, project, "?q=boosting") == [1]
    assert numbers(signed_in, project, f"?model={model.pk}") == [1]
    assert numbers(signed_in, project, "?state=queued") == [3]
    assert numbers(signed_in, project, "?task=binary") == [2, 1]
    assert numbers(signed_in, project, "?state=nonsense&model=x") == [3, 2, 1]


def test_empty_states(signed_in: Client, project: Project) -> None:
    address = reverse("evaluations:list", args=[project.slug])
    first = signed_in.get(address).content.decode()
    assert "No runs yet" in first
    assert reverse("evaluations:upload", args=[project.slug]) in first
    filtered = signed_in.get(address + "?q=<b>&state=failed").content.decode()
    assert "No run fits “&lt;b&gt;”, Failed" in filtered
    assert "Clear filters" in filtered


def test_intervals_are_shown(signed_in: Client, project: Project) -> None:
    make_judged(project, 0.8531)
    page = signed_in.get(reverse("evaluations:list", args=[project.slug])).content.decode()
    assert "85.3%" in page
    assert "84.3 to 86.3" in page


def fill(project: Project, count: int) -> None:
    file, start = make_file(project), project.last_run_number
    jobs = Job.objects.bulk_create(
        Job(project=project, created_by=project.created_by, task="t", title="t", state=State.SUCCEEDED)
        for _ in range(count)
    )
    runs = Run.objects.bulk_create(
        Run(
            project=project,
            number=start + 1 + i,
            name=f"run {i}",
            file=file,
            job=job,
            created_by=project.created_by,
            task="binary",
            result={"much": "x" * 1_000},
        )
        for i, job in enumerate(jobs)
    )
    MetricValue.objects.bulk_create(
        MetricValue(run=run, metric=metric, value=0.5, n=10)
        for run in runs
        for metric in ("accuracy", "roc_auc", "f1")
    )
    project.last_run_number = start + count
    project.save()


@pytest.mark.parametrize("query", ["", "?sort=-accuracy"])
def test_queries_do_not_grow(signed_in: Client, project: Project, query: str) -> None:
    address = reverse("evaluations:list", args=[project.slug]) + query

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert signed_in.get(address).status_code == 200
        return [found["sql"] for found in captured.captured_queries]

    fill(project, 10)
    few = queries()
    fill(project, 990)
    many = queries()
    assert len(many) == len(few) <= 14
    assert not any('"evaluations_run"."result"' in sql for sql in many), "results are heavy and not shown"


def test_pages_of_fifty(signed_in: Client, project: Project) -> None:
    fill(project, 60)
    assert numbers(signed_in, project) == list(range(60, 10, -1))
    assert numbers(signed_in, project, "?page=2") == list(range(10, 0, -1))
