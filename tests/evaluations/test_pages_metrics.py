"""The pages that explain metrics."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.compute.metrics.intervals import METHOD_OF, METHODS
from apps.compute.metrics.registry import METRICS
from apps.evaluations.models import MetricValue
from apps.evaluations.views.metrics import EXPLAINED, NEEDS, UNITS
from apps.projects.models import Project
from tests.factories import make_project, make_run


@pytest.mark.parametrize("key", EXPLAINED)
def test_every_metric_is_explained(key: str) -> None:
    metric = EXPLAINED[key]
    for said in (metric.formula, metric.meaning, metric.misleads, metric.source, metric.description):
        assert said.strip(), said
    for sentence in (metric.meaning, metric.misleads, metric.description):
        assert sentence.endswith((".", "?")), sentence
        assert not re.search(r"% [a-z]", sentence), "read as a format by the translators' tools"
    assert metric.unit in UNITS
    assert metric.needs <= set(NEEDS), metric.needs
    assert re.fullmatch(r"[a-z0-9_]+", key)


def test_every_method_of_an_interval_is_known() -> None:
    assert set(METHOD_OF) <= set(METRICS)
    assert set(METHOD_OF.values()) <= set(METHODS)


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_metrics_are_found_by_what_they_say(signed_in: Client) -> None:
    address = reverse("metrics:list")
    page = signed_in.get(address).content.decode()
    for key in EXPLAINED:
        assert f'href="{reverse("metrics:detail", args=[key])}"' in page
    found = signed_in.get(address, {"q": "Calibration ERROR"}).content.decode()
    assert "/metrics/ece/" in found
    assert "/metrics/mae/" not in found
    assert "No metric speaks of “&lt;b&gt;”" in signed_in.get(address, {"q": "<b>"}).content.decode()


def test_a_metric_shows_the_runs_that_the_reader_may_see(signed_in: Client, project: Project) -> None:
    address = reverse("metrics:detail", args=["roc_auc"])
    assert "No run that you may see has it." in signed_in.get(address).content.decode()

    def add(place: Project, name: str) -> None:
        run = make_run(place, name=name)
        MetricValue.objects.create(run=run, metric="roc_auc", value=0.9123, low=0.90, high=0.92, n=400)
        MetricValue.objects.create(
            run=run, metric="roc_auc", slice_column="a", slice_value="b", value=0.1, n=4
        )

    add(project, "Mine")
    add(make_project(), "Theirs")
    with CaptureQueriesContext(connection) as few:
        page = signed_in.get(address).content.decode()
    assert "Mine" in page
    assert "Theirs" not in page
    assert "0.912" in page
    assert "DeLong" in page
    assert "P(score of a positive &gt; score of a negative)" in page
    for number in range(12):
        add(project, f"More {number}")
    with CaptureQueriesContext(connection) as many:
        page = signed_in.get(address).content.decode()
    assert (len(many), "More 2" in page, "More 1<" in page, "Mine" in page) == (len(few), True, False, False)
    assert signed_in.get("/metrics/none_such/").status_code == 404


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get(reverse("metrics:list")).status_code == 302
