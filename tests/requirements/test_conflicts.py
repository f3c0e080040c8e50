"""Requirements that cannot both hold, the ways out, and what a decision does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps.common.translate import translate
from apps.compute.messages import InputRejected, Message
from apps.compute.results import Table
from apps.evaluations.models import Run
from apps.projects.models import Project, Role
from apps.requirements.judging import judge_project
from apps.requirements.models import Conflict, Requirement
from apps.requirements.options import Option, options_of
from apps.requirements.services import (
    RequirementFields,
    ValueFields,
    change_requirement,
    decide_conflict,
    set_value_case,
    withdraw_requirement,
)
from tests.factories import make_file, make_member, make_project
from tests.requirements.making import finished_run, metric, result_of, swept, verdict, wish

pytestmark = pytest.mark.django_db

#: 100 positives, 100 negatives: recall 0.95, 0.90, 0.80, 0.60; precision 0.76, 0.82, 0.89, 0.97.
SWEEP = swept((0.2, 70, 30, 5, 95), (0.4, 80, 20, 10, 90), (0.6, 90, 10, 20, 80), (0.8, 98, 2, 40, 60))
#: At 0.6.
CONFUSION = Table({"truth": list("0011"), "predicted": list("0101"), "n": [90, 10, 20, 80]})


@pytest.fixture
def project() -> Project:
    return make_project()


def ranked(project: Project, sweep: Any = SWEEP, **fields: Any) -> Run:
    """A run with a sweep, at work at 0.6."""
    result = result_of(
        metric("precision", 80 / 90, 0.8, 0.94, 90),
        metric("recall", 0.8, 0.71, 0.87, 100),
        threshold=0.6,
        tables={"threshold_sweep": sweep, "confusion": CONFUSION},
    )
    run = finished_run(project, result, **fields)
    judge_project(project.pk)
    return run


def rivals(project: Project) -> tuple[Requirement, Requirement]:
    return wish(project, metric="recall", limit=0.85), wish(project, metric="precision", limit=0.88)


def options(conflict: Conflict) -> dict[str, Option]:
    return {option.key: option for option in options_of(conflict).options}


def test_no_run_meets_both(project: Project) -> None:
    first, second = rivals(project)
    assert not Conflict.objects.exists()
    ranked(project)
    conflict = Conflict.objects.get()
    assert (conflict.kind, conflict.first, conflict.second) == ("evidence", first, second)
    for requirement, other in ((first, second), (second, first)):
        now = verdict(requirement)
        assert now.state == "contradicting"
        assert str(Message.from_json(now.reasons[0])) == f"It cannot hold together with {other.code}."
    # A better run that meets both ends it, and the trail of it stays.
    ranked(project, swept((0.5, 90, 10, 10, 90)))
    conflict.refresh_from_db()
    assert conflict.gone_at is not None
    first.refresh_from_db()
    assert first.state != "contradicting"


def test_an_old_run_that_meets_both_still_counts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of runs beyond the newest the thresholds are not read, but what they reached is."""
    monkeypatch.setattr("apps.requirements.points.MOST_RUNS", 1)
    rivals(project)
    both = result_of(metric("precision", 0.9, 0.85, 0.94), metric("recall", 0.9, 0.85, 0.94))
    finished_run(project, both, evaluated_at=timezone.now() - timedelta(days=9))
    ranked(project)
    assert not Conflict.objects.exists()


def test_an_old_run_is_a_way_out_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.requirements.points.MOST_RUNS", 1)
    rivals(project)
    near = result_of(metric("precision", 0.88, 0.85, 0.94), metric("recall", 0.84, 0.8, 0.9))
    old = finished_run(project, near, evaluated_at=timezone.now() - timedelta(days=9))
    ranked(project)
    ways = options_of(Conflict.objects.get())
    assert (ways.options[0].run, ways.options[0].limit) == (old.pk, 0.84)
    assert old.pk in {curve.run for curve in ways.curves}


def test_what_holds_nowhere_contradicts_nothing(project: Project) -> None:
    wish(project, metric="recall", limit=0.99)
    refuted = wish(project, metric="precision", limit=0.99)
    ranked(project)
    assert not Conflict.objects.exists()
    assert verdict(refuted).state == "refuted"


def test_other_data_are_no_contradiction(project: Project) -> None:
    one, other = make_file(project), make_file(project)
    wish(project, metric="recall", limit=0.85, file=one)
    wish(project, metric="precision", limit=0.88, file=other)
    ranked(project, truth=one)
    ranked(project, truth=other)
    assert not Conflict.objects.exists()


def test_the_ways_out(project: Project) -> None:
    rivals(project)
    run = ranked(project)
    fields = ValueFields(currency="EUR", volume_per_year=200, hit=10, false_alarm=5)
    set_value_case(project=project, user=project.created_by, fields=fields)
    conflict = Conflict.objects.get()
    ways = options_of(conflict)
    found = options(conflict)
    assert list(found) == ["relax_first", "relax_second", "keep_both"]
    # Precision holds from 0.6 on, where recall is 0.8; recall holds up to 0.4, where precision is 90 / 110.
    first = found["relax_first"]
    assert (first.relaxes, first.limit, first.threshold) == ("first", 0.8, 0.6)
    assert (first.run, first.first, first.second) == (run.pk, 0.8, pytest.approx(80 / 90))
    second = found["relax_second"]
    assert (second.limit, second.threshold, second.first) == (0.818, 0.4, 0.9)
    # 200 decisions a year: each row of the table once. 90 hits at 10, 20 false alarms at 5.
    assert (second.value, second.currency) == (pytest.approx(800), "EUR")
    assert found["keep_both"].limit is None
    assert [(p.threshold, p.loses) for p in ways.front] == [
        (0.2, ("second",)),
        (0.4, ("second",)),
        (0.6, ("first",)),
        (0.8, ("first",)),
    ]
    (curve,) = ways.curves
    assert (curve.number, curve.threshold) == (run.number, (0.2, 0.4, 0.6, 0.8))
    assert curve.working == (0.8, pytest.approx(80 / 90))


@pytest.mark.parametrize("chosen", ["relax_first", "relax_second"])
def test_a_decision_relaxes_a_limit(project: Project, chosen: str) -> None:
    first, second = rivals(project)
    ranked(project)
    conflict = Conflict.objects.get()
    limit = options(conflict)[chosen].limit
    decided = decide_conflict(
        conflict=conflict, user=project.created_by, chosen=chosen, decision="Customers come first."
    )
    assert (decided.chosen, decided.decided_by) == (chosen, project.created_by)
    assert decided.option is not None
    assert decided.option["limit"] == limit
    relaxed = first if chosen == "relax_first" else second
    relaxed.refresh_from_db()
    version = relaxed.current
    assert version is not None
    assert (version.number, version.limit, version.reason) == (2, limit, "Customers come first.")
    decided.refresh_from_db()
    assert decided.gone_at is not None
    assert verdict(relaxed).state != "contradicting"


def test_keeping_both_lasts_until_somebody_changes_them(project: Project) -> None:
    first, _second = rivals(project)
    ranked(project)
    owner = project.created_by
    conflict = Conflict.objects.get()
    decide_conflict(conflict=conflict, user=owner, chosen="keep_both", decision="Clean the labels.")
    judge_project(project.pk)
    ranked(project)
    conflict.refresh_from_db()
    assert conflict.gone_at is None
    assert verdict(first).state == "contradicting"
    assert first.current is not None
    fields = replace(RequirementFields.of(first.current), limit=0.9)
    change_requirement(requirement=first, user=owner, fields=fields, reason="More.")
    conflict.refresh_from_db()
    assert conflict.gone_at is not None
    assert Conflict.objects.get(gone_at=None).decided_at is None


def test_refused_decisions(project: Project) -> None:
    rivals(project)
    ranked(project)
    owner, conflict = project.created_by, Conflict.objects.get()
    with pytest.raises(PermissionDenied):
        decide_conflict(
            conflict=conflict,
            user=make_member(project, Role.ENGINEER),
            chosen="keep_both",
            decision="We do.",
        )
    for chosen, decision, code in (
        ("flip a coin", "Heads.", "unknown_option"),
        ("keep_both", "  ", "empty_text"),
        ("keep_both", "x" * 2_001, "text_too_long"),
    ):
        with pytest.raises(InputRejected) as caught:
            decide_conflict(conflict=conflict, user=owner, chosen=chosen, decision=decision)
        assert caught.value.code == code
    decide_conflict(conflict=conflict, user=owner, chosen="keep_both", decision="Clean the labels.")
    with pytest.raises(InputRejected) as caught:
        decide_conflict(conflict=conflict, user=owner, chosen="relax_first", decision="No, this.")
    assert caught.value.code == "decided_already"


def test_a_conflict_that_is_gone_needs_no_decision(project: Project) -> None:
    first, _second = rivals(project)
    ranked(project)
    conflict = Conflict.objects.get()
    withdraw_requirement(requirement=first, user=project.created_by, reason="Not asked.")
    with pytest.raises(InputRejected) as caught:
        decide_conflict(conflict=conflict, user=project.created_by, chosen="keep_both", decision="Yes.")
    assert caught.value.code == "conflict_gone"


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"limit": 0.9}, {"limit": 0.8, "comparison": "at_most"}, True),
        ({"limit": 0.8}, {"limit": 0.8, "comparison": "at_most"}, False),
        ({"limit": 0.9}, {"limit": 0.8}, False),
        ({"limit": 0.9}, {"limit": 0.8, "comparison": "at_most", "metric": "recall"}, False),
        (
            {"limit": 0.9, "slice_column": "a", "slice_value": "x"},
            {"limit": 0.8, "comparison": "at_most", "slice_column": "a", "slice_value": "y"},
            False,
        ),
        (
            {"limit": 0.9, "slice_column": "a", "every_slice": True},
            {"limit": 0.8, "comparison": "at_most", "slice_column": "a", "every_slice": True},
            True,
        ),
    ],
)
def test_limits_on_paper(project: Project, one: dict[str, Any], other: dict[str, Any], found: bool) -> None:
    first, second = wish(project, **one), wish(project, **other)
    conflict = Conflict.objects.filter(kind="limits").first()
    assert (conflict is not None) is found
    if conflict is not None:
        assert {verdict(first).state, verdict(second).state} == {"contradicting"}
        assert options(conflict)["relax_first"].limit == 0.8
        assert options(conflict)["relax_second"].limit == 0.9
        decide_conflict(
            conflict=conflict, user=project.created_by, chosen="relax_second", decision="The floor counts."
        )
        conflict.refresh_from_db()
        assert conflict.gone_at is not None


def test_limits_in_money_name_their_currency(project: Project) -> None:
    fields = ValueFields(currency="EUR", volume_per_year=200, hit=10)
    set_value_case(project=project, user=project.created_by, fields=fields)
    wish(project, metric="value_per_year", limit=2e6)
    wish(project, metric="value_per_year", limit=5e5, comparison="at_most")
    conflict = Conflict.objects.get()
    assert translate(conflict.reason) == "No Value per year is both at least €2\xa0M and at most €500\xa0k."
    title = translate(options(conflict)["relax_first"].title)
    assert title == "Relax R-01 from €2\xa0M to €500\xa0k"


@pytest.mark.parametrize(
    ("throughput", "latency", "keys"),
    [
        # Batches of 100 in 300 ms: 333 rows a second, each of which waits 300 ms.
        ({"limit": 300.0, "batch_size": 100, "concurrency": 1, "call_ms": 300.0}, {"limit": 300.0}, []),
        (
            {"limit": 300.0, "batch_size": 100, "concurrency": 1, "call_ms": 300.0},
            {"limit": 50.0},
            ["relax_second", "keep_both"],
        ),
        # One row a call, one call at a time: 3.3 a second.
        (
            {"limit": 300.0},
            {"limit": 300.0, "batch_size": 1, "concurrency": 1, "call_ms": 300.0},
            ["relax_first", "keep_both"],
        ),
        ({"limit": 300.0}, {"limit": 50.0}, []),
    ],
)
def test_littles_law(
    project: Project, throughput: dict[str, Any], latency: dict[str, Any], keys: list[str]
) -> None:
    wish(project, metric="throughput", kind="throughput", **throughput)
    wish(project, metric="latency_p99", kind="latency", comparison="at_most", **latency)
    conflict = Conflict.objects.filter(kind="load").first()
    assert (list(options(conflict)) if conflict else []) == keys
    if conflict is not None:
        decide_conflict(conflict=conflict, user=project.created_by, chosen=keys[0], decision="So be it.")
        conflict.refresh_from_db()
        assert conflict.gone_at is not None
