"""From facts to verdicts: one draft for each requirement, before contradictions are looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.verdicts import (
    Claim,
    Estimate,
    Finding,
    Outcome,
    Target,
    find_together,
    mean_estimate,
    outcome_of,
    rows_to_settle,
    share_estimate,
)
from apps.datasets.models import DatasetVersion
from apps.requirements.facts import Facts, Measured, RunFact
from apps.requirements.measures import metric_of, scale_of
from apps.requirements.models import Evidence, Requirement, RequirementVersion, VerdictState

#: What evidence of people speaks of: when one of these changes it has to be recorded anew.
SUBSTANCE = ("statement", "verification", "scenario")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A verdict to be. ``cause`` is when it became so, as far as the evidence alone tells."""

    requirement: Requirement
    version: RequirementVersion
    state: VerdictState = VerdictState.UNVERIFIED
    run_id: int | None = None
    evidence_id: int | None = None
    file_id: UUID | None = None
    slice_value: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    level: float | None = None
    family: int = 1
    rows_to_settle: int | None = None
    reasons: tuple[Message, ...] = ()
    observed_at: datetime | None = None
    stale_at: datetime | None = None
    cause: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A requirement on the run that is its newest evidence, still without error rate."""

    draft: Draft
    target: Target
    estimates: Sequence[Estimate] = field(default_factory=tuple)
    slices: int = 1  # also those without an interval
    unknown: Message | None = None  # says which these are


def asked_at(requirement: Requirement) -> datetime:
    """The start of the day on which it was asked for."""
    return timezone.make_aware(datetime.combine(requirement.asked_on, time()))


def day(moment: datetime) -> Quantity:
    return Quantity(moment.timestamp(), "date")


def drafts_of(facts: Facts) -> list[Draft]:
    """A draft for each requirement in force, in their order."""
    ready: dict[int, Draft] = {}
    families: dict[int, list[_Case]] = {}
    for requirement in facts.requirements:
        version = requirement.current
        if version is None or requirement.withdrawn_at is not None:
            continue
        if not version.is_measurable:
            ready[requirement.pk] = _by_people(facts, requirement, version)
            continue
        case = _by_runs(facts, requirement, version)
        if isinstance(case, Draft):
            ready[requirement.pk] = case
        else:
            families.setdefault(case.draft.run_id or 0, []).append(case)
    for family in families.values():
        ready |= _judged(family)
    return [ready[requirement.pk] for requirement in facts.requirements if requirement.pk in ready]


# By runs


def _by_runs(facts: Facts, requirement: Requirement, version: RequirementVersion) -> Draft | _Case:
    """What the newest run on the right data says, or why there is nothing to say."""
    draft = Draft(requirement=requirement, version=version)
    for run in facts.runs_on(version):
        if measured := facts.measured_by(run, version):
            return _on_run(facts, _with_run(draft, run, version), run, measured)
    earlier = _replaced(facts, draft)
    return earlier or replace(draft, reasons=(_missing(facts, version),))


def _with_run(draft: Draft, run: RunFact, version: RequirementVersion) -> Draft:
    stale_at = None
    if version.max_age_days is not None:
        stale_at = run.evaluated_at + timedelta(days=version.max_age_days)
    return replace(
        draft,
        run_id=run.pk,
        file_id=run.data_file,
        observed_at=run.evaluated_at,
        stale_at=stale_at,
    )


def _on_run(facts: Facts, draft: Draft, run: RunFact, measured: Sequence[Measured]) -> Draft | _Case:
    version = draft.version
    target = target_of(version)
    draft = _with_value(draft, measured[0]) if len(measured) == 1 else draft
    if draft.stale_at is not None and draft.stale_at <= facts.now:
        return replace(draft, reasons=(too_old(draft),), cause=draft.stale_at)
    estimates = [
        Estimate(m.value, m.low, m.high, m.n, m.slice_value)
        for m in measured
        if m.value is not None and m.low is not None and m.high is not None
    ]
    if len(estimates) == len(measured):
        return _Case(draft, target, estimates, len(measured))
    unknown = _without_interval(run, measured)
    if all(target.met_by(estimate.value) for estimate in estimates):
        return replace(draft, reasons=(unknown,))
    return _Case(draft, target, estimates, len(measured), unknown)  # one slice alone can refute it


def target_of(version: RequirementVersion) -> Target:
    """The version's target; only for a version with a metric of the registry."""
    metric = metric_of(version.metric)
    assert metric is not None and version.limit is not None  # noqa: S101,PT018  checked when it was said
    return Target(
        at_least=version.comparison == RequirementVersion.Comparison.AT_LEAST,
        limit=version.limit,
        scale=scale_of(metric),
        confidence=version.confidence,
    )


def _with_value(draft: Draft, measured: Measured) -> Draft:
    return replace(
        draft,
        slice_value=measured.slice_value if draft.version.every_slice else "",
        value=measured.value,
        low=measured.low,
        high=measured.high,
        n=measured.n,
        level=0.95,
    )


def _replaced(facts: Facts, draft: Draft) -> Draft | None:
    """The newest run on a version of the data set that was replaced since: shown, but it counts no more."""
    versions = facts.data_versions.get(draft.version.dataset_id or 0, [])
    earlier: dict[str, DatasetVersion] = {v.file.sha256: v for v in versions[1:]}
    for run in facts.runs:
        measured = facts.measured_by(run, draft.version) if run.data in earlier else []
        if not measured:
            continue
        draft = _with_run(draft, run, draft.version)
        draft = _with_value(draft, measured[0]) if len(measured) == 1 else draft
        reason = Message(
            gettext_noop(
                "The newest evidence is of version %(old)s of “%(dataset)s”, which version %(new)s has "
                "replaced. Judge a run on that one."
            ),
            {
                "old": earlier[run.data].number,
                "new": versions[0].number,
                "dataset": draft.version.dataset.name if draft.version.dataset else "",
            },
        )
        replaced_at = min(v.created_at for v in versions if v.number > earlier[run.data].number)
        return replace(draft, reasons=(reason,), stale_at=replaced_at, cause=replaced_at)
    return None


def _missing(facts: Facts, version: RequirementVersion) -> Message:
    metric = metric_of(version.metric)
    label = Message(metric.label) if metric else version.metric
    if metric is not None and metric.unit == "money":
        return _without_money(facts)
    if version.slice_column:
        return Message(
            gettext_noop("No run has measured “%(metric)s” on slices of “%(column)s” of these data yet."),
            {"metric": label, "column": version.slice_column},
        )
    return Message(gettext_noop("No run has measured “%(metric)s” on these data yet."), {"metric": label})


def _without_money(facts: Facts) -> Message:
    if facts.case is None:
        return Message(gettext_noop("The project has no price list yet, so no run has a value in money."))
    return Message(gettext_noop("No run on these data has a value in money at the prices of the price list."))


def too_old(draft: Draft) -> Message:
    return Message(
        gettext_noop("The newest evidence is of %(day)s, older than %(days)s days. It has to be made anew."),
        {"day": day(draft.observed_at or asked_at(draft.requirement)), "days": draft.version.max_age_days},
    )


def _without_interval(run: RunFact, measured: Sequence[Measured]) -> Message:
    names = [m.slice_value for m in measured if m.value is None or m.low is None or m.high is None]
    if names == [""]:
        return Message(
            gettext_noop("Run %(number)s has no interval for this metric: too few rows of a kind."),
            {"number": run.number},
        )
    return Message(
        gettext_noop(
            "Run %(number)s has no interval on %(count)s of %(all)s slices, such as “%(slice)s”: too few "
            "rows of a kind."
        ),
        {"number": run.number, "count": len(names), "all": len(measured), "slice": names[0]},
    )


def _judged(family: Sequence[_Case]) -> Mapping[int, Draft]:
    """The requirements that rest on one run, with Holm's correction for their number."""
    cases = {case.draft.requirement.pk: case for case in family}
    findings = find_together(
        {key: Claim(case.target, case.estimates, case.slices) for key, case in cases.items()}
    )
    return {key: _with_finding(case, findings[key], len(family)) for key, case in cases.items()}


def _with_finding(case: _Case, finding: Finding, family: int) -> Draft:
    return replace(
        case.draft,
        state=VerdictState(finding.outcome.value),
        slice_value=finding.estimate.name if case.draft.version.every_slice else "",
        value=finding.estimate.value,
        low=finding.low,
        high=finding.high,
        n=finding.estimate.n,
        level=finding.level,
        family=family,
        rows_to_settle=finding.rows_to_settle,
        reasons=tuple(_reasons(case, finding, family)),
    )


def _reasons(case: _Case, finding: Finding, family: int) -> list[Message]:
    reasons = [outcome_reason(finding.outcome, finding.rows_to_settle)]
    if case.draft.version.every_slice:
        reasons.append(
            Message(
                gettext_noop("Of %(count)s slices “%(slice)s” decides."),
                {"count": case.slices, "slice": finding.estimate.name},
            )
        )
    if case.unknown is not None:
        reasons.append(case.unknown)
    if family > 1:
        reasons.append(
            Message(
                gettext_noop(
                    "%(count)s requirements rest on this run: by Holm's correction its interval is one of "
                    "%(level)s confidence."
                ),
                {"count": family, "level": Quantity(finding.level, "share")},
            )
        )
    return reasons


def outcome_reason(outcome: Outcome, rows: int | None) -> Message:
    if outcome is Outcome.CONFIRMED:
        return Message(gettext_noop("The whole interval lies on the wanted side of the limit."))
    if outcome is Outcome.REFUTED:
        return Message(gettext_noop("The whole interval lies on the other side of the limit."))
    if rows is None:
        return Message(gettext_noop("The interval crosses the limit, and the estimate is too close to it."))
    return Message(
        gettext_noop("The interval crosses the limit. About %(rows)s more rows would settle it."),
        {"rows": rows},
    )


# By people


def _by_people(facts: Facts, requirement: Requirement, version: RequirementVersion) -> Draft:
    draft = Draft(requirement=requirement, version=version)
    evidence = facts.evidence.get(requirement.pk)
    if evidence is None:
        return replace(draft, reasons=(Message(gettext_noop("Nobody has recorded evidence yet.")),))
    stale_at = None
    if version.max_age_days is not None:
        stale_at = evidence.observed_at + timedelta(days=version.max_age_days)
    draft = replace(draft, evidence_id=evidence.pk, observed_at=evidence.observed_at, stale_at=stale_at)
    draft = (
        _by_document(draft, evidence)
        if evidence.kind == Evidence.Kind.DOCUMENT
        else _counted(draft, evidence)
    )
    if any(getattr(evidence.version, name) != getattr(version, name) for name in SUBSTANCE):
        reason = Message(
            gettext_noop(
                "The newest evidence is of version %(old)s; what the requirement says has changed since. "
                "Record evidence of version %(new)s."
            ),
            {"old": evidence.version.number, "new": version.number},
        )
        return _open(draft, reason, version.created_at)
    if stale_at is not None and stale_at <= facts.now:
        return _open(draft, too_old(draft), stale_at)
    return draft


def _open(draft: Draft, reason: Message, cause: datetime) -> Draft:
    """Evidence that counts no more since ``cause``."""
    return replace(
        draft,
        state=VerdictState.UNVERIFIED,
        reasons=(reason,),
        rows_to_settle=None,
        stale_at=cause,
        cause=cause,
    )


def _by_document(draft: Draft, evidence: Evidence) -> Draft:
    if evidence.supports:
        reason = Message(gettext_noop("By the document it holds."))
        return replace(draft, state=VerdictState.CONFIRMED, reasons=(reason,))
    reason = Message(gettext_noop("By the document it does not hold."))
    return replace(draft, state=VerdictState.REFUTED, reasons=(reason,))


def _counted(draft: Draft, evidence: Evidence) -> Draft:
    """A share of judgements (Wilson) or the mean of repeats (Student), held against the evidence's limit."""
    assert evidence.limit is not None  # noqa: S101  checked when it was recorded
    level = draft.version.confidence
    if evidence.kind == Evidence.Kind.JUDGEMENT:
        interval = share_estimate(evidence.positive or 0, evidence.total or 0, level)
    else:
        interval = mean_estimate(evidence.values, level)
    target = Target(evidence.comparison == RequirementVersion.Comparison.AT_LEAST, evidence.limit)
    outcome = outcome_of(target, interval.low, interval.high)
    rows = None
    if outcome is Outcome.UNVERIFIED:
        rows = rows_to_settle(interval, target.limit)
    return replace(
        draft,
        state=VerdictState(outcome.value),
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n=interval.n,
        level=level,
        rows_to_settle=rows,
        reasons=(outcome_reason(outcome, rows),),
    )
