"""Verdicts that runs bring about."""

from __future__ import annotations

import pytest

from apps.requirements.judging import judge_project
from apps.requirements.models import VerdictState
from tests.factories import make_project
from tests.requirements.making import finished_run, metric, result_of, verdict, wish

pytestmark = pytest.mark.django_db


def test_a_run_confirms() -> None:
    project = make_project()
    requirement = wish(project)
    assert requirement.state == VerdictState.UNVERIFIED
    run = finished_run(project, result_of(metric("accuracy", 0.9, 0.88, 0.92)))
    judge_project(project.pk)
    requirement.refresh_from_db()
    assert requirement.state == VerdictState.CONFIRMED
    now = verdict(requirement)
    assert (now.run, now.value, now.low, now.high, now.level) == (run, 0.9, 0.88, 0.92, 0.95)
    assert now.since == run.evaluated_at
    assert [v.state for v in requirement.verdicts.all()] == ["confirmed", "unverified"]
