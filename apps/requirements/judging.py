"""The verdicts of a project, from its evidence. Recorded here and nowhere else.

The outcome depends on what is known and not on the order in which it became known: everything is judged anew
from the facts, and only what differs from the verdicts in force is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from apps.projects.models import Project
from apps.requirements.conflicts import Found, conflicts_of, with_conflicts
from apps.requirements.drafts import Draft, asked_at, drafts_of
from apps.requirements.facts import Facts, facts_of
from apps.requirements.models import Conflict, ProjectJudgement, Requirement, Verdict, Waiver

#: A verdict that differs in one of these is another verdict; other differences correct the one in force.
IDENTITY = ("version_id", "state", "run_id", "evidence_id", "file_id", "value")
CORRECTED = (
    *("slice_value", "low", "high", "n", "level", "family", "rows_to_settle", "reasons"),
    *("observed_at", "stale_at"),
)


@transaction.atomic
def judge_project(project_id: int) -> None:
    """Bring verdicts, states and conflicts up to date; two at once wait for each other on the project."""
    if not Project.objects.select_for_update(no_key=True).filter(pk=project_id).exists():
        return
    facts = facts_of(project_id)
    drafts = drafts_of(facts)
    found = conflicts_of(facts, drafts)
    drafts = with_conflicts(drafts, found)
    since = _write_verdicts(facts, drafts)
    _write_states(facts, drafts)
    _write_conflicts(facts, found, since)
    _write_judgement(facts, drafts)


# Verdicts


def _write_verdicts(facts: Facts, drafts: Sequence[Draft]) -> Mapping[int, datetime]:
    """Close what is no longer so and open what is; since when each requirement's verdict holds."""
    old = {v.requirement_id: v for v in Verdict.objects.filter(project=facts.project_id, until=None)}
    since: dict[int, datetime] = {}
    opened, closed, corrected = [], [], []
    for draft in drafts:
        before = old.pop(draft.requirement.pk, None)
        now = _verdict(facts, draft)
        if before is not None and _same(before, now, IDENTITY):
            since[draft.requirement.pk] = before.since
            if not _same(before, now, CORRECTED):
                for name in CORRECTED:
                    setattr(before, name, getattr(now, name))
                corrected.append(before)
            continue
        now.since = _since(facts, draft, before)
        since[draft.requirement.pk] = now.since
        opened.append(now)
        if before is not None:
            before.until = now.since
            closed.append(before)
    for orphan in old.values():  # of requirements that were withdrawn
        orphan.until = max(facts.now, orphan.since)
        closed.append(orphan)
    if corrected:
        Verdict.objects.bulk_update(corrected, CORRECTED)
    if closed:
        Verdict.objects.bulk_update(closed, ["until"])
    Verdict.objects.bulk_create(opened)
    return since


def _verdict(facts: Facts, draft: Draft) -> Verdict:
    said = {name: getattr(draft, name) for name in (*IDENTITY, *CORRECTED) if name != "version_id"}
    return Verdict(
        **said | {"reasons": [reason.to_json() for reason in draft.reasons]},
        project_id=facts.project_id,
        requirement=draft.requirement,
        version=draft.version,
    )


def _same(one: Verdict, other: Verdict, names: Iterable[str]) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _since(facts: Facts, draft: Draft, before: Verdict | None) -> datetime:
    """When it became so: as a rule when the evidence was measured, never before what held until then."""
    first = asked_at(draft.requirement) if draft.version.number == 1 else draft.version.created_at
    if before is None:
        return max(first, draft.cause or draft.observed_at or first)
    fresh = (draft.run_id, draft.evidence_id) != (before.run_id, before.evidence_id)
    changed = draft.version.pk != before.version_id
    cause = draft.cause or (draft.observed_at if fresh else None) or (first if changed else facts.now)
    return max(before.since, cause, first)


def _write_states(facts: Facts, drafts: Sequence[Draft]) -> None:
    moved: list[Requirement] = []
    for draft in drafts:
        if draft.requirement.state != draft.state:
            draft.requirement.state = draft.state
            moved.append(draft.requirement)
    if moved:
        Requirement.objects.bulk_update(moved, ["state"])


# Conflicts


def _write_conflicts(facts: Facts, found: Sequence[Found], since: Mapping[int, datetime]) -> None:
    """One row for each conflict as long as it lasts; a decided one whose requirements changed starts anew."""
    rows = Conflict.objects.filter(project=facts.project_id, gone_at=None).select_related(
        "first__current", "second__current"
    )
    old = {(row.kind, row.first_id, row.second_id): row for row in rows}
    opened, closed, corrected = [], [], []
    for conflict in found:
        before = old.pop((conflict.kind, conflict.first.pk, conflict.second.pk), None)
        reason = conflict.reason.to_json()
        if before is not None and not _outdated(before):
            if before.reason != reason:
                before.reason = reason
                corrected.append(before)
            continue
        if before is not None:
            closed.append(before)
        opened.append(
            Conflict(
                project_id=facts.project_id,
                kind=conflict.kind,
                first=conflict.first,
                second=conflict.second,
                reason=reason,
                found_at=max(since[conflict.first.pk], since[conflict.second.pk]),
            )
        )
    closed += old.values()
    for row in closed:
        row.gone_at = facts.now
    if closed:
        Conflict.objects.bulk_update(closed, ["gone_at"])
    if corrected:
        Conflict.objects.bulk_update(corrected, ["reason"])
    Conflict.objects.bulk_create(opened)


def _outdated(conflict: Conflict) -> bool:
    """Decided about versions that are not in force any more."""
    if conflict.decided_at is None:
        return False
    now = [r.current.number if r.current else 0 for r in (conflict.first, conflict.second)]
    return bool(conflict.option is None or conflict.option.get("versions") != now)


# The project


def _write_judgement(facts: Facts, drafts: Sequence[Draft]) -> None:
    newest = facts.runs[0] if facts.runs else None
    money = facts.values.get(newest.pk) if newest else None
    ProjectJudgement.objects.update_or_create(
        project_id=facts.project_id,
        defaults={
            "judged_at": facts.now,
            "due_at": _due_at(facts, drafts),
            "run_id": newest.pk if newest else None,
            "currency": facts.currency,
            "value": money.value if money else None,
            "low": money.low if money else None,
            "high": money.high if money else None,
        },
    )


def _due_at(facts: Facts, drafts: Sequence[Draft]) -> datetime | None:
    """When something gets too old or a waiver ends, the next time."""
    moments = [d.stale_at for d in drafts if d.stale_at is not None and d.stale_at > facts.now]
    ends = Waiver.objects.filter(
        project=facts.project_id, revoked_at=None, expires_on__gte=timezone.localdate()
    ).values_list("expires_on", flat=True)
    moments += [timezone.make_aware(datetime.combine(end + timedelta(days=1), time())) for end in ends]
    return min(moments, default=None)
