"""A project whose document refers to one thing of each kind."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from apps.documents.services import DecisionFields, add_architecture_decision
from apps.evaluations.models import MetricValue
from apps.jobs.models import State
from apps.lifecycle.models import Decision, Deliverable, Hypothesis, Phase
from apps.projects.models import Project
from apps.requirements.models import Requirement, RequirementVersion, Verdict
from tests.factories import make_job, make_project, make_run

EVERYTHING = "R-01, run 1, H-3, D-2, A-1 and decision 4."


@pytest.fixture
def project(db: None) -> Project:
    return make_project(name="Churn")


@pytest.fixture
def lived_in(project: Project) -> Project:
    """With R-01 (confirmed), run 1, H-3 (refuted), D-2 (done), A-1 (proposed), decision 4 (go, in force)."""
    owner = project.created_by
    requirement = Requirement.objects.create(project=project, number=1, state="confirmed")
    requirement.current = RequirementVersion.objects.create(
        project=project,
        requirement=requirement,
        number=1,
        statement="Honest customers are <almost> never stopped",
        kind="quality",
        priority="must",
        verification="On the hold-out",
        author=owner,
    )
    requirement.save()
    Verdict.objects.create(
        project=project,
        requirement=requirement,
        version=requirement.current,
        state="confirmed",
        since=datetime(2026, 11, 3, tzinfo=UTC),
    )
    job = make_job(project, state=State.SUCCEEDED)
    run = make_run(project, task="binary", job=job, evaluated_at=datetime(2026, 11, 2, tzinfo=UTC))
    MetricValue.objects.create(run=run, metric="accuracy", value=0.872, low=0.861, high=0.884, n=1_000)
    phase = Phase.objects.create(
        project=project, kind="discovery", started_on=date(2026, 9, 1), created_by=owner
    )
    delivery = Phase.objects.create(
        project=project, kind="delivery", started_on=date(2026, 10, 1), created_by=owner
    )
    Hypothesis.objects.create(
        project=project,
        phase=phase,
        number=3,
        text="Rules are enough",
        state="refuted",
        added_on=date(2026, 9, 1),
        settled_on=date(2026, 9, 9),
    )
    Deliverable.objects.create(
        project=project,
        phase=delivery,
        number=2,
        name="Scoring job",
        added_on=date(2026, 10, 1),
        done_on=date(2026, 10, 20),
    )
    Decision.objects.create(
        project=project,
        phase=phase,
        number=4,
        subject=Decision.Subject.DELIVERY_GATE,
        outcome=Decision.Outcome.GO,
        decided_by=owner,
        decided_at=datetime(2026, 10, 1, tzinfo=UTC),
    )
    fields = DecisionFields(
        area="software", title="One nightly job", decision="Scores are computed at night."
    )
    add_architecture_decision(project=project, user=owner, fields=fields)
    return project
