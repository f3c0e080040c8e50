"""Verdicts that runs bring about: newest evidence, data, slices, staleness, correction, money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.compute.messages import Message
from apps.compute.results import SliceResult, Table
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.signals import dataset_replaced
from apps.evaluations.models import Baseline, Model, ModelVersion, Run
from apps.evaluations.services import name_baseline
from apps.evaluations.signals import run_finished
from apps.projects.models import Project
from apps.requirements import tasks
from apps.requirements.judging import judge_project
from apps.requirements.models import ProjectJudgement, Requirement, Verdict
from apps.requirements.services import (
    RequirementFields,
    ValueFields,
    change_requirement,
    set_value_case,
    withdraw_requirement,
)
from tests.factories import make_file, make_project
from tests.requirements.making import finished_run, metric, result_of, verdict, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


def accurate(
    project: Project, value: float, *, half: float = 0.02, days_ago: float = 0, **fields: Any
) -> Run:
    """A finished run with this accuracy, judged at once as the signal does it."""
    run = finished_run(
        project,
        result_of(metric("accuracy", value, value - 0.02, value + 0.02)),
        evaluated_at=timezone.now() - timedelta(days=days_ago),
        **fields,
    )
    run_finished.send(sender=Run, run=run)
    return run


def texts(requirement: Requirement) -> str:
    return " ".join(str(Message.from_json(reason)) for reason in verdict(requirement).reasons)


def test_a_run_confirms_refutes_and_leaves_open(project: Project) -> None:
    requirement = wish(project)
    assert requirement.state == "unverified"
    assert "No run has measured" in texts(requirement)
    runs = [accurate(project, value, days_ago=days) for value, days in ((0.7, 3), (0.9, 2), (0.79, 1))]
    requirement.refresh_from_db()
    assert requirement.state == "unverified"
    history = list(requirement.verdicts.order_by("since"))
    assert [v.state for v in history] == ["unverified", "refuted", "confirmed", "unverified"]
    assert [v.run for v in history] == [None, *runs]
    assert [v.until for v in history] == [v.since for v in history[1:]] + [None]
    assert "more rows would settle it" in texts(requirement)
    assert history[-1].rows_to_settle is not None


def test_since_when(project: Project) -> None:
    asked = timezone.localdate() - timedelta(days=10)
    requirement = wish(project, asked_on=asked)
    assert timezone.localdate(verdict(requirement).since) == asked
    run = accurate(project, 0.9, days_ago=5)
    assert verdict(requirement).since == run.evaluated_at


def test_a_requirement_meets_older_runs(project: Project) -> None:
    """What was measured before anybody asked counts from the day of the asking."""
    accurate(project, 0.9, days_ago=30)
    requirement = wish(project)
    assert requirement.state == "confirmed"
    assert timezone.localdate(verdict(requirement).since) == timezone.localdate()


def test_judging_again_writes_nothing(project: Project) -> None:
    requirement = wish(project)
    accurate(project, 0.9)
    before = list(Verdict.objects.values())
    judge_project(project.pk)
    assert list(Verdict.objects.values()) == before
    assert requirement.verdicts.count() == 2


def test_baselines_are_no_evidence(project: Project) -> None:
    requirement = wish(project)
    rule = Model.objects.create(project=project, name="Rule", kind=Model.Kind.BASELINE)
    accurate(project, 0.9, model_version=ModelVersion.objects.create(model=rule, label="1"))
    assert verdict(requirement).run is None


def test_naming_the_baseline_takes_its_runs_out_of_the_evidence(project: Project) -> None:
    requirement = wish(project)
    rule = Model.objects.create(project=project, name="Rule")
    accurate(project, 0.9, model_version=ModelVersion.objects.create(model=rule, label="1"))
    assert verdict(requirement).state == "confirmed"
    name_baseline(project=project, user=project.created_by, model=rule, kind="rule")
    assert (verdict(requirement).state, verdict(requirement).run) == ("unverified", None)


def test_a_late_old_run_changes_nothing(project: Project) -> None:
    requirement = wish(project)
    newer = accurate(project, 0.9, days_ago=1)
    accurate(project, 0.5, days_ago=2)
    assert verdict(requirement).run == newer


@pytest.mark.parametrize("named", ["file", "dataset"])
def test_only_the_right_data_count(project: Project, named: str) -> None:
    truth, other = make_file(project), make_file(project)
    dataset = Dataset.objects.create(project=project, name="Hold-out")
    _version(dataset, truth, 1)
    requirement = wish(project, **({"file": truth} if named == "file" else {"dataset": dataset}))
    accurate(project, 0.9, truth=other)
    accurate(project, 0.9)
    assert verdict(requirement).run is None
    # The same content under another name is the same truth.
    run = accurate(project, 0.9, truth=make_file(project, sha256=truth.sha256), days_ago=3)
    assert verdict(requirement).run == run
    assert verdict(requirement).file == run.truth


def _version(dataset: Dataset, file: Any, number: int) -> DatasetVersion:
    return DatasetVersion.objects.create(
        project=dataset.project,
        dataset=dataset,
        file=file,
        number=number,
        created_by=dataset.project.created_by,
    )


def test_replacing_the_data_makes_verdicts_stale_everywhere(project: Project) -> None:
    dataset = Dataset.objects.create(project=project, name="Hold-out")
    first, second = make_file(project), make_file(project)
    _version(dataset, first, 1)
    named = [wish(project, dataset=dataset), wish(project, dataset=dataset, limit=0.7)]
    free = wish(project)
    run = accurate(project, 0.9, truth=first)
    assert {verdict(r).state for r in (*named, free)} == {"confirmed"}
    newest = _version(dataset, second, 2)
    dataset_replaced.send(sender=Dataset, dataset=dataset)
    for requirement in named:
        now = verdict(requirement)
        assert (now.state, now.run, now.value, now.stale_at) == ("unverified", run, 0.9, newest.created_at)
        assert "version 1 of “Hold-out”, which version 2 has replaced" in texts(requirement)
    assert verdict(free).state == "confirmed"
    accurate(project, 0.9, truth=second)
    assert {verdict(r).state for r in named} == {"confirmed"}


def test_evidence_gets_too_old(project: Project) -> None:
    requirement = wish(project, max_age_days=30, asked_on=timezone.localdate() - timedelta(days=90))
    run = accurate(project, 0.9, days_ago=31)
    now = verdict(requirement)
    assert (now.state, now.run, now.since) == ("unverified", run, run.evaluated_at + timedelta(days=30))
    assert "older than 30 days" in texts(requirement)


def test_the_review_finds_what_got_old(project: Project) -> None:
    requirement = wish(project, max_age_days=30)
    run = accurate(project, 0.9, days_ago=29)
    due = ProjectJudgement.objects.get(project=project).due_at
    assert due == run.evaluated_at + timedelta(days=30)
    assert project.pk not in tasks.due_projects()
    # Two days later: the same rows, two days older.
    Run.objects.filter(pk=run.pk).update(evaluated_at=run.evaluated_at - timedelta(days=2))
    ProjectJudgement.objects.update(due_at=due - timedelta(days=2))
    assert project.pk in tasks.due_projects()
    tasks.review()
    assert verdict(requirement).state == "unverified"
    assert project.pk not in tasks.due_projects()


def test_the_review_finds_runs_whose_message_was_lost(project: Project) -> None:
    requirement = wish(project)
    finished_run(project, result_of(metric("accuracy", 0.9, 0.88, 0.92)))
    tasks.review()
    assert verdict(requirement).state == "confirmed"
    assert tasks.due_projects() == []


def test_a_changed_limit_is_judged_at_once(project: Project) -> None:
    requirement = wish(project)
    accurate(project, 0.9, days_ago=1)
    first = verdict(requirement)
    assert requirement.current is not None
    fields = RequirementFields.of(requirement.current)
    harder = RequirementFields(
        **{n: getattr(fields, n) for n in fields.__dataclass_fields__} | {"limit": 0.95}
    )
    change_requirement(
        requirement=requirement, user=project.created_by, fields=harder, reason="More is asked."
    )
    second = verdict(requirement)
    assert (second.state, second.version.number, second.run) == ("refuted", 2, first.run)
    first.refresh_from_db()
    assert (first.version.number, first.until) == (1, second.since)
    assert second.since == second.version.created_at


def test_withdrawn_requirements_are_judged_no_more(project: Project) -> None:
    requirement = wish(project)
    withdraw_requirement(requirement=requirement, user=project.created_by, reason="Nobody asks any more.")
    accurate(project, 0.9)
    assert not Verdict.objects.filter(requirement=requirement, until=None).exists()
    assert wish(project).number == requirement.number + 1


def sliced(project: Project, **counts: tuple[float, float]) -> Run:
    slices = tuple(
        SliceResult(("country",), (name,), 500, (metric("accuracy", value, value - half, value + half, 500),))
        for name, (value, half) in counts.items()
    )
    run = finished_run(project, result_of(metric("accuracy", 0.9, 0.88, 0.92), slices=slices))
    run_finished.send(sender=Run, run=run)
    return run


def test_one_slice_refutes_though_another_is_unknown(project: Project) -> None:
    every = wish(project, slice_column="country", every_slice=True)
    few = SliceResult(("country",), ("IT",), 3, (metric("accuracy", 1.0, n=3),))

    def judged(value: float) -> Verdict:
        bad = SliceResult(
            ("country",), ("FR",), 500, (metric("accuracy", value, value - 0.02, value + 0.02, 500),)
        )
        finished_run(project, result_of(metric("accuracy", 0.9, 0.88, 0.92), slices=(bad, few)))
        judge_project(project.pk)
        return verdict(every)

    assert (judged(0.6).state, verdict(every).slice_value) == ("refuted", "FR")
    assert "Of 2 slices “FR” decides." in texts(every)
    assert judged(0.9).state == "unverified"
    for now in (texts(every), (judged(0.79), texts(every))[1]):
        assert "no interval on 1 of 2 slices, such as “IT”" in now


def test_slices(project: Project) -> None:
    one = wish(project, slice_column="country", slice_value="DE")
    every = wish(project, slice_column="country", every_slice=True)
    missing = wish(project, slice_column="country", slice_value="IT")
    sliced(project, DE=(0.95, 0.01), FR=(0.6, 0.02))
    assert (verdict(one).state, verdict(one).value) == ("confirmed", 0.95)
    assert (verdict(every).state, verdict(every).slice_value) == ("refuted", "FR")
    assert verdict(missing).run is None
    assert "slices of “country”" in texts(missing)
    sliced(project, DE=(0.95, 0.01), FR=(0.85, 0.02))
    assert (verdict(every).state, verdict(every).slice_value) == ("confirmed", "FR")


def test_a_slice_without_interval_leaves_it_open(project: Project) -> None:
    every = wish(project, slice_column="country", every_slice=True)
    run = finished_run(
        project,
        result_of(
            metric("accuracy", 0.9, 0.88, 0.92),
            slices=(
                SliceResult(("country",), ("DE",), 500, (metric("accuracy", 0.9, 0.88, 0.92),)),
                SliceResult(("country",), ("FR",), 1, (metric("accuracy", 1.0, n=1),)),
            ),
        ),
    )
    run_finished.send(sender=Run, run=run)
    assert verdict(every).state == "unverified"
    assert "1 of 2 slices, such as “FR”" in texts(every)


def test_many_requirements_on_one_run_are_corrected(project: Project) -> None:
    """0.9 with bounds 0.802 to 0.95 confirms 0.8 alone, and not as one of three that are close."""
    run = finished_run(
        project,
        result_of(
            metric("accuracy", 0.9, 0.802, 0.95, 60),
            metric("recall", 0.9, 0.79, 0.95, 60),
            metric("precision", 0.9, 0.79, 0.95, 60),
        ),
    )
    alone = wish(project)
    assert (alone.state, verdict(alone).family, verdict(alone).level) == ("confirmed", 1, 0.95)
    others = [wish(project, metric=key) for key in ("recall", "precision")]
    now = verdict(alone)
    assert (now.state, now.run, now.family) == ("unverified", run, 3)
    assert now.level == pytest.approx(1 - 0.05 / 3)
    assert now.low is not None
    assert now.low < 0.8
    assert "3 requirements rest on this run" in texts(alone)
    for other in others:
        withdraw_requirement(requirement=other, user=project.created_by, reason="Not asked.")
    assert verdict(alone).state == "confirmed"


def test_a_correction_alone_is_no_new_verdict(project: Project) -> None:
    accurate(project, 0.95)
    first = wish(project)
    before = verdict(first)
    wish(project, metric="accuracy", limit=0.7)
    after = verdict(first)
    assert (after.pk, after.state, after.family) == (before.pk, "confirmed", 2)


CONFUSION = Table({"truth": ["0", "0", "1", "1"], "predicted": ["0", "1"] * 2, "n": [900, 20, 20, 60]})


def test_money(project: Project) -> None:
    requirement = wish(project, metric="value_per_year", limit=10_000.0)
    run = finished_run(
        project, result_of(metric("accuracy", 0.96, 0.95, 0.97), tables={"confusion": CONFUSION})
    )
    run_finished.send(sender=Run, run=run)
    assert "no price list" in texts(requirement)
    prices = {"currency": "EUR", "volume_per_year": 10_000, "hit": 50, "miss": 50, "false_alarm": 5}
    set_value_case(project=project, user=project.created_by, fields=ValueFields(**prices))
    # (60 x 50 - 20 x 50 - 20 x 5) / 1000 a decision, 10,000 decisions.
    now = verdict(requirement)
    assert now.value == pytest.approx(19_000)
    judged = ProjectJudgement.objects.get(project=project)
    assert (judged.currency, judged.value, judged.run) == ("EUR", pytest.approx(19_000), run)
    assert now.state == "confirmed"
    dearer = ValueFields(**prices | {"false_alarm": 500})
    set_value_case(project=project, user=project.created_by, fields=dearer, reason="Complaints cost more.")
    assert verdict(requirement).state == "refuted"


def test_the_value_is_the_gain_over_the_baseline(project: Project) -> None:
    rule = Model.objects.create(project=project, name="Rule", kind=Model.Kind.BASELINE)
    truth = make_file(project)
    weak = Table({**CONFUSION.columns, "n": [900, 20, 40, 40]})
    for table, version in (
        (weak, ModelVersion.objects.create(model=rule, label="1")),
        (CONFUSION, None),
    ):
        finished_run(
            project,
            result_of(metric("accuracy", 0.9, 0.8, 0.95), tables={"confusion": table}),
            truth=truth,
            model_version=version,
        )
    fields = ValueFields(currency="EUR", volume_per_year=1_000, hit=10)
    set_value_case(project=project, user=project.created_by, fields=fields)
    assert ProjectJudgement.objects.get(project=project).value == pytest.approx(200)
    # Another rule is newer and worse, but it is the first that the project names.
    other = Model.objects.create(project=project, name="Other", kind=Model.Kind.BASELINE)
    finished_run(
        project,
        result_of(
            metric("accuracy", 0.9, 0.8, 0.95),
            tables={"confusion": Table({**CONFUSION.columns, "n": [900, 20, 70, 10]})},
        ),
        truth=truth,
        model_version=ModelVersion.objects.create(model=other, label="1"),
    )
    Baseline.objects.create(project=project, model=rule, kind="rule")
    judge_project(project.pk)
    assert ProjectJudgement.objects.get(project=project).value == pytest.approx(200)


def test_queries_do_not_grow(project: Project, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Judging without news, with 2 requirements and 2 runs, and with 20 and 30."""

    def grow(requirements: int, runs: int) -> None:
        for index in range(requirements):
            wish(project, metric=("accuracy", "recall")[index % 2], limit=0.5 + index / 100)
        for _ in range(runs):
            finished_run(
                project, result_of(metric("accuracy", 0.9, 0.88, 0.92), metric("recall", 0.8, 0.7, 0.9))
            )
        judge_project(project.pk)

    grow(2, 2)
    with django_assert_num_queries(17) as few:
        judge_project(project.pk)
    grow(18, 28)
    with django_assert_num_queries(len(few)):
        judge_project(project.pk)
