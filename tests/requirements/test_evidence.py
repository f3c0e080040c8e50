"""What people record: documents, judgements, drills, waivers and prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from apps.projects.models import Project, Role
from apps.requirements.models import ProjectJudgement, Requirement, Waiver
from apps.requirements.services import (
    EvidenceFields,
    change_requirement,
    grant_waiver,
    record_evidence,
    revoke_waiver,
    set_value_case,
)
from tests.factories import make_member, make_project, make_user
from tests.requirements.making import DOCUMENT, PRICES, fields_of, refused, verdict, wish

pytestmark = pytest.mark.django_db

JUDGEMENT = EvidenceFields(
    kind="judgement", title="50 calls", positive=48, total=50, limit=0.8, comparison="at_least"
)
DRILL = EvidenceFields(
    kind="drill",
    title="Feed cut five times",
    values=(12.1, 14.9, 11.3, 17.0, 13.2),
    unit="s",
    limit=20.0,
    comparison="at_most",
)


@pytest.fixture
def project() -> Project:
    return make_project()


# Evidence


def observed(requirement: Requirement, fields: EvidenceFields) -> Any:
    engineer = make_member(requirement.project, Role.ENGINEER)
    record_evidence(requirement=requirement, user=engineer, fields=fields)
    return verdict(requirement)


def test_documents(project: Project) -> None:
    requirement = wish(project, metric="")
    assert verdict(requirement).state == "unverified"
    assert observed(requirement, DOCUMENT).state == "confirmed"
    assert observed(requirement, replace(DOCUMENT, supports=False)).state == "refuted"
    old = replace(DOCUMENT, observed_at=timezone.now() - timedelta(days=3))
    assert observed(requirement, old).state == "refuted"  # the newest counts, not the last one written


def test_judgements_with_counts(project: Project) -> None:
    requirement = wish(project, metric="", confidence=0.9)
    now = observed(requirement, JUDGEMENT)
    assert (now.low, now.high) == pytest.approx(proportion_confint(48, 50, 0.1, "wilson"), abs=1e-12)
    assert (now.state, now.value, now.n, now.level) == ("confirmed", 0.96, 50, 0.9)
    assert observed(requirement, replace(JUDGEMENT, positive=20)).state == "refuted"
    close = observed(requirement, replace(JUDGEMENT, positive=42))
    assert close.state == "unverified"
    assert close.rows_to_settle > 0


def test_drills(project: Project) -> None:
    requirement = wish(project, metric="", confidence=0.99)
    now = observed(requirement, DRILL)
    expected = stats.ttest_1samp(DRILL.values, 0).confidence_interval(0.99)
    assert (now.low, now.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert now.state == "confirmed"
    assert observed(requirement, replace(DRILL, limit=14.0)).state == "unverified"
    assert observed(requirement, replace(DRILL, limit=5.0)).state == "refuted"


def test_evidence_gets_old_with_time_and_with_the_words(project: Project) -> None:
    requirement = wish(
        project, metric="", max_age_days=30, asked_on=timezone.localdate() - timedelta(days=60)
    )
    aged = replace(DOCUMENT, observed_at=timezone.now() - timedelta(days=40))
    assert observed(requirement, aged).state == "unverified"
    assert observed(requirement, DOCUMENT).state == "confirmed"
    owner = project.created_by

    def change(**said: Any) -> str:
        fields = fields_of(requirement, **said)
        change_requirement(requirement=requirement, user=owner, fields=fields, reason="So.")
        return str(verdict(requirement).state)

    assert change(priority="could") == "confirmed"  # what it says stays the same
    assert change(statement="Every call can be explained.") == "unverified"
    assert observed(requirement, DOCUMENT).state == "confirmed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (replace(DOCUMENT, title=""), "empty_text"),
        (replace(DOCUMENT, note="x" * 5_001), "text_too_long"),
        (replace(DOCUMENT, kind="rumour"), "unknown_choice"),
        (replace(DOCUMENT, supports=None), "no_statement"),
        (replace(DOCUMENT, link="javascript:alert(1)"), "odd_link"),
        (replace(DOCUMENT, observed_at=timezone.now() + timedelta(days=1)), "observed_in_future"),
        (replace(DOCUMENT, observed_at=datetime(1, 1, 1, tzinfo=UTC)), "day_too_early"),
        (replace(JUDGEMENT, total=0), "number_too_small"),
        (replace(JUDGEMENT, total=None), "no_number"),
        (replace(JUDGEMENT, positive=51), "number_too_large"),
        (replace(JUDGEMENT, limit=80.0), "number_too_large"),
        (replace(JUDGEMENT, comparison=""), "unknown_choice"),
        (replace(DRILL, values=(1.0,)), "too_few_repeats"),
        (replace(DRILL, values=(1.0, float("inf"))), "no_number"),
        (replace(DRILL, values=(1e200, -1e200)), "number_too_large"),
        (replace(DRILL, limit=None), "no_number"),
        (replace(DRILL, unit="x" * 21), "text_too_long"),
    ],
)
def test_refused_evidence(project: Project, fields: EvidenceFields, code: str) -> None:
    requirement = wish(project, metric="")
    call = lambda: record_evidence(requirement=requirement, user=project.created_by, fields=fields)  # noqa: E731
    assert refused(call) == code


def test_measured_requirements_take_no_words(project: Project) -> None:
    requirement = wish(project)
    call = lambda: record_evidence(requirement=requirement, user=project.created_by, fields=DOCUMENT)  # noqa: E731
    assert refused(call) == "measured_by_runs"


# Waivers


def test_waivers(project: Project) -> None:
    owner, requirement = project.created_by, wish(project)
    end = timezone.localdate() + timedelta(days=10)

    def grant(**said: Any) -> Waiver:
        given = {"owner": owner, "reason": "The new sensor comes in May.", "expires_on": end} | said
        return grant_waiver(requirement=requirement, user=owner, **given)

    assert refused(lambda: grant(reason="")) == "empty_text"
    assert refused(lambda: grant(expires_on=timezone.localdate())) == "expired_already"
    assert refused(lambda: grant(expires_on=date.max)) == "day_too_far"
    assert refused(lambda: grant(owner=make_user())) == "owner_no_member"
    waiver = grant()
    due = ProjectJudgement.objects.get(project=project).due_at
    assert due is not None
    assert timezone.localdate(due) == end + timedelta(days=1)
    assert refused(grant) == "waived_already"
    assert revoke_waiver(waiver=waiver, user=owner).revoked_at is not None
    assert refused(lambda: revoke_waiver(waiver=waiver, user=owner)) == "revoked_already"
    assert ProjectJudgement.objects.get(project=project).due_at is None
    grant()


# Money


def test_prices_are_versions(project: Project) -> None:
    owner = project.created_by
    first = set_value_case(project=project, user=owner, fields=PRICES)
    dearer = replace(PRICES, miss=3)
    assert refused(lambda: set_value_case(project=project, user=owner, fields=dearer)) == "empty_text"
    same = lambda: set_value_case(project=project, user=owner, fields=PRICES, reason="x")  # noqa: E731
    assert refused(same) == "nothing_changed"
    second = set_value_case(project=project, user=owner, fields=dearer, reason="Counted anew.")
    assert (first.number, second.number) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"currency": "Euro"}, "unknown_currency"),
        ({"currency": "<b>"}, "unknown_currency"),
        ({"volume_per_year": -1}, "number_too_small"),
        ({"volume_per_year": float("inf")}, "no_number"),
        ({"miss": -5}, "number_too_small"),
        ({"hit": 1e300}, "number_too_large"),
        ({"hoped_per_year": float("nan")}, "no_number"),
    ],
)
def test_refused_prices(project: Project, changes: dict[str, Any], code: str) -> None:
    call = lambda: set_value_case(  # noqa: E731
        project=project, user=project.created_by, fields=replace(PRICES, **changes)
    )
    assert refused(call) == code
