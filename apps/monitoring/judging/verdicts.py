"""Do the live requirements hold? On the pooled rows, with Holm's correction, as in `requirements.drafts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.compute.messages import Message, gettext_noop
from apps.compute.monitoring.pooled import PooledModel
from apps.compute.results import MetricResult
from apps.compute.verdicts import Claim, Estimate, Finding, Outcome, Target, find_together
from apps.monitoring.judging.facts import Facts
from apps.monitoring.judging.standing import LiveVerdict
from apps.monitoring.judging.wording import metric_name
from apps.requirements.drafts import outcome_reason, target_of
from apps.requirements.measures import metric_of
from apps.requirements.models import Requirement, RequirementVersion


@dataclass(frozen=True, slots=True)
class _Case:
    """A requirement with what was measured of it: one number, or one for each slice, by the slice's name."""

    requirement: Requirement
    version: RequirementVersion
    target: Target
    measured: Mapping[str, MetricResult]

    @property
    def estimates(self) -> list[Estimate]:
        """Those with an interval."""
        return [
            Estimate(m.value, m.low, m.high, m.n, name)
            for name, m in self.measured.items()
            if m.value is not None and m.low is not None and m.high is not None
        ]

    @property
    def can_be_judged(self) -> bool:
        """All have an interval, or one of those that have is on the wrong side: that alone can refute it."""
        estimates = self.estimates
        whole = bool(estimates) and len(estimates) == len(self.measured)
        return whole or not all(self.target.met_by(e.value) for e in estimates)


def live_verdicts(facts: Facts) -> tuple[LiveVerdict, ...]:
    """In the order of the requirements. One that was not chosen and cannot be measured here is left out."""
    model = _champion(facts)
    if model is None:
        return ()
    cases = [case for case in _cases(facts, model) if facts.chosen or case.measured]
    judged = _judged([case for case in cases if case.can_be_judged])
    return tuple(judged.get(case.requirement.pk) or _open(case) for case in cases)


def _champion(facts: Facts) -> PooledModel | None:
    if facts.pooled is None or facts.pooled.labelled == 0 or facts.champion is None:
        return None
    return next((m for m in facts.pooled.models if m.watched_id == facts.champion.pk), None)


def _cases(facts: Facts, model: PooledModel) -> Iterable[_Case]:
    for requirement in facts.requirements:
        version = requirement.current
        if version is not None and metric_of(version.metric) is not None:
            yield _Case(requirement, version, target_of(version), _measured(model, version))


def _measured(model: PooledModel, version: RequirementVersion) -> dict[str, MetricResult]:
    if not version.slice_column:
        overall = next((m for m in model.metrics if m.key == version.metric), None)
        return {"": overall} if overall else {}
    return {
        part.values[0]: m
        for part in model.slices
        if part.columns == (version.slice_column,)
        and (version.every_slice or part.values == (version.slice_value,))
        for m in part.metrics
        if m.key == version.metric
    }


def _judged(family: Sequence[_Case]) -> dict[int, LiveVerdict]:
    cases = {case.requirement.pk: case for case in family}
    findings = find_together(
        {key: Claim(case.target, case.estimates, len(case.measured)) for key, case in cases.items()}
    )
    return {key: _found(case, findings[key]) for key, case in cases.items()}


def _found(case: _Case, finding: Finding) -> LiveVerdict:
    return _verdict(
        case,
        outcome=finding.outcome,
        slice_value=finding.estimate.name,
        value=finding.estimate.value,
        bounds=(finding.low, finding.high, finding.level),
        n=finding.estimate.n,
        reason=outcome_reason(finding.outcome, finding.rows_to_settle),
    )


def _open(case: _Case) -> LiveVerdict:
    """Nothing can be said: not measured, undefined, or without an interval."""
    only = next(iter(case.measured.values())) if len(case.measured) == 1 else None
    return _verdict(
        case,
        outcome=Outcome.UNVERIFIED,
        slice_value=case.version.slice_value,
        value=only.value if only else None,
        bounds=(None, None, None),
        n=only.n if only else 0,
        reason=_why_open(case, only),
    )


def _why_open(case: _Case, only: MetricResult | None) -> Message:
    metric = metric_name(case.version.metric)
    if not case.measured:
        return Message(gettext_noop("“%(metric)s” is not measured in the live data."), {"metric": metric})
    if only is not None and only.undefined is not None:
        return only.undefined
    return Message(
        gettext_noop("“%(metric)s” has no interval in the live data: too few rows of a kind."),
        {"metric": metric},
    )


def _verdict(
    case: _Case,
    *,
    outcome: Outcome,
    slice_value: str,
    value: float | None,
    bounds: tuple[float | None, float | None, float | None],
    n: int,
    reason: Message,
) -> LiveVerdict:
    low, high, level = bounds
    return LiveVerdict(
        requirement_id=case.requirement.pk,
        code=case.requirement.code,
        metric=case.version.metric,
        at_least=case.target.at_least,
        limit=case.target.limit,
        slice_value=slice_value,
        outcome=outcome.value,
        value=value,
        low=low,
        high=high,
        n=n,
        level=level,
        reason=reason,
    )
