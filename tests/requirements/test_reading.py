"""Rows, the matrix and counts: complete, and in a number of queries that does not grow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.requirements.judging import judge_project
from apps.requirements.reading import counts, matrix, rows_for
from apps.requirements.services import (
    EvidenceFields,
    StakeholderFields,
    add_stakeholder,
    grant_waiver,
    record_evidence,
    set_stance,
    withdraw_requirement,
)
from tests.factories import make_project
from tests.requirements.making import finished_run, metric, result_of, wish

pytestmark = pytest.mark.django_db


def test_rows(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    project = make_project()
    owner = project.created_by
    desk = add_stakeholder(project=project, user=owner, fields=StakeholderFields(name="Desk"))
    floor = wish(project, limit=0.9, asked_by=[desk])
    ceiling = wish(project, limit=0.8, comparison="at_most")
    paper = wish(project, metric="")
    gone = wish(project, metric="recall")
    withdraw_requirement(requirement=gone, user=owner, reason="Not asked.")
    record_evidence(
        requirement=paper,
        user=owner,
        fields=EvidenceFields(
            kind="judgement", title="50 calls", positive=48, total=50, limit=0.8, comparison="at_least"
        ),
    )
    end = timezone.localdate() + timedelta(days=3)
    waiver = grant_waiver(requirement=floor, user=owner, owner=owner, reason="Soon.", expires_on=end)
    finished_run(project, result_of(metric("accuracy", 0.95, 0.93, 0.97)))
    judge_project(project.pk)
    with django_assert_max_num_queries(8):
        first, second, third = rows_for(project)
        assert [row.version.statement for row in (first, second, third)]
        assert [row.requirement for row in (first, second, third)] == [floor, ceiling, paper]
        assert (first.asked_by, first.waiver) == ((desk,), waiver)
        assert first.conflicts == second.conflicts != ()
        assert (first.unit, first.limit, first.at_least) == ("share", 0.9, True)
        assert first.verdict is not None
        assert first.verdict.run is not None
        assert first.scale == (pytest.approx(0.872), pytest.approx(0.998))
        assert (third.unit, third.limit, third.at_least) == ("share", 0.8, True)
        assert not first.is_stale
        assert str(first.reasons[0]) == "It cannot hold together with R-02."
    assert [row.requirement for row in rows_for(project, withdrawn=True)] == [gone]
    assert counts([project]) == {
        project.pk: {"confirmed": 1, "contradicting": 2, "refuted": 0, "unverified": 0}
    }
    set_stance(requirement=ceiling, stakeholder=desk, user=owner, kind="opposes")
    cells = matrix(project)
    assert cells.cells == {(desk.pk, floor.pk): "asked", (desk.pk, ceiling.pk): "opposes"}
    assert cells.requirements == [floor, ceiling, paper]
