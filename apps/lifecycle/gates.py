"""Gates: what the evidence says of each criterion, and what it advises. People decide.

A criterion is met, not met or unknown, and unknown never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from apps.compute import fit
from apps.compute.messages import Message, gettext_noop
from apps.lifecycle.beating import beats_baseline
from apps.lifecycle.facts import Facts, Holdout, Must, facts_of
from apps.lifecycle.models import Criterion, Gate, GateAdvice
from apps.projects.models import Project
from apps.requirements.models import VerdictState

State = Criterion.State
Finding = tuple[str, Message]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """``key`` is that of a standard criterion or ``own-<pk>``; the url leads to the evidence."""

    key: str
    label: Message
    state: str  # `Criterion.State`
    reason: Message
    url_name: str
    url_args: tuple[Any, ...]
    link: str = ""  # of a criterion of the project's own

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label.to_json(),
            "state": self.state,
            "reason": self.reason.to_json(),
            "link": self.link,
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """``advice`` is a `GateAdvice`, ``reasons`` what it rests on."""

    gate: str
    day: date
    criteria: tuple[CriterionResult, ...]
    advice: str
    reasons: tuple[Message, ...]

    @property
    def passed(self) -> bool:
        return self.advice == GateAdvice.GO

    def count(self, state: str) -> int:
        return sum(criterion.state == state for criterion in self.criteria)

    def to_json(self) -> dict[str, Any]:
        return {
            "gate": self.gate,
            "day": self.day.isoformat(),
            "criteria": [criterion.to_json() for criterion in self.criteria],
            "advice": self.advice,
            "reasons": [reason.to_json() for reason in self.reasons],
        }


def assess(project: Project, gate: str, *, today: date | None = None) -> Assessment:
    """How the project stands before the gate. A constant number of queries."""
    return assess_many([project], gate, today=today)[project.pk]


def assess_many(
    projects: Sequence[Project], gate: str, *, today: date | None = None
) -> dict[int, Assessment]:
    """Assessments by the project's id; as many queries for many projects as for one."""
    found = assess_each([(project, gate) for project in projects], today=today)
    return {project.pk: found[project.pk, gate] for project in projects}


def assess_each(
    places: Sequence[tuple[Project, str]], *, today: date | None = None
) -> dict[tuple[int, str], Assessment]:
    """Assessments of projects at one gate or the other, by the project's id and the gate."""
    today = today or timezone.localdate()
    facts = facts_of([project for project, _gate in places], today)
    return {(project.pk, gate): _assess(project, gate, today, facts[project.pk]) for project, gate in places}


def _assess(project: Project, gate: str, today: date, facts: Facts) -> Assessment:
    criteria = [
        _result(standard, project, standard.judge(facts)) for standard in STANDARD if gate in standard.gates
    ]
    criteria += [_own(criterion, project, gate) for criterion in facts.criteria if criterion.gate == gate]
    advice, reasons = _advise(criteria, facts)
    return Assessment(gate, today, tuple(criteria), advice, tuple(reasons))


def _advise(criteria: Sequence[CriterionResult], facts: Facts) -> tuple[str, list[Message]]:
    about_fit = fit.advise(facts.answers)
    if about_fit.kind == fit.Kind.NO_ML:
        return GateAdvice.STOP, list(about_fit.reasons)
    open_ones = [criterion for criterion in criteria if criterion.state != State.MET]
    if open_ones:
        return GateAdvice.NOT_YET, [
            Message(_OPEN_TEXT[criterion.state], {"criterion": criterion.label}) for criterion in open_ones
        ]
    return GateAdvice.GO, [Message(gettext_noop("Every criterion is met."))]


_OPEN_TEXT: dict[str, str] = {
    State.NOT_MET: gettext_noop("Not met: %(criterion)s"),
    State.UNKNOWN: gettext_noop("Unknown: %(criterion)s"),
}


@dataclass(frozen=True, slots=True)
class Standard:
    """A criterion that every project has."""

    key: str
    label: str
    judge: Callable[[Facts], Finding]
    url_name: str
    gates: frozenset[str] = frozenset(Gate.values)


def _result(standard: Standard, project: Project, finding: Finding) -> CriterionResult:
    state, reason = finding
    return CriterionResult(
        standard.key, Message(standard.label), state, reason, standard.url_name, (project.slug,)
    )


def _own(criterion: Criterion, project: Project, gate: str) -> CriterionResult:
    judged = criterion.state != State.UNKNOWN
    reason = Message("%(evidence)s", {"evidence": criterion.evidence}) if judged else Message(_NOT_JUDGED)
    return CriterionResult(
        key=f"own-{criterion.pk}",
        label=Message("%(criterion)s", {"criterion": criterion.text}),
        state=criterion.state,
        reason=reason,
        url_name="lifecycle:gate",
        url_args=(project.slug, gate),
        link=criterion.link,
    )


_NOT_JUDGED = gettext_noop("Nobody has judged it yet.")


def _fit(facts: Facts) -> Finding:
    advice = fit.advise(facts.answers)
    if advice.kind == fit.Kind.ML:
        return State.MET, Message(gettext_noop("The assessment advises machine learning."))
    if advice.kind == fit.Kind.NO_ML:
        return State.NOT_MET, advice.reasons[0]
    if not facts.answers:
        return State.UNKNOWN, Message(gettext_noop("No question of the fit assessment is answered."))
    if len(advice.reasons) == 1:
        return State.UNKNOWN, advice.reasons[0]
    return State.UNKNOWN, Message(
        gettext_noop("%(first)s, and %(more)d more"),
        {"first": advice.reasons[0], "more": len(advice.reasons) - 1},
    )


def _baseline(facts: Facts) -> Finding:
    if facts.baseline_run is None:
        return State.NOT_MET, Message(gettext_noop("No run of a baseline without ML has finished."))
    return State.MET, Message(gettext_noop("Run %(number)d"), {"number": facts.baseline_run})


def _requirements(facts: Facts) -> Finding:
    if not facts.musts:
        return State.UNKNOWN, Message(gettext_noop("No requirement is a must yet."))
    owing = [must for must in facts.musts if must.state != VerdictState.CONFIRMED and not must.waived]
    wrong = [must for must in owing if must.state != VerdictState.UNVERIFIED]
    if wrong:
        return State.NOT_MET, Message(
            gettext_noop("Refuted or contradicting, and not waived: %(codes)s"), {"codes": _codes(wrong)}
        )
    if owing:
        return State.UNKNOWN, Message(
            gettext_noop("Not verified and not waived: %(codes)s"), {"codes": _codes(owing)}
        )
    waived = [must for must in facts.musts if must.state != VerdictState.CONFIRMED]
    if waived:
        return State.MET, Message(
            gettext_noop("%(confirmed)d of %(all)d confirmed; waived: %(codes)s"),
            {
                "confirmed": len(facts.musts) - len(waived),
                "all": len(facts.musts),
                "codes": _codes(waived),
            },
        )
    return State.MET, Message(
        gettext_noop("All must-requirements are confirmed: %(codes)s"), {"codes": _codes(facts.musts)}
    )


#: Longer lists are cut; the page behind the link has them all.
_LISTED = 12


def _codes(musts: Sequence[Must]) -> str:
    codes = ", ".join(must.code for must in musts[:_LISTED])
    return codes if len(musts) <= _LISTED else f"{codes} …"


def _money(facts: Facts) -> Finding:
    if not facts.value_case:
        return State.NOT_MET, Message(gettext_noop("The prices of right and wrong answers are not set."))
    if facts.money_codes:
        return State.MET, Message(
            gettext_noop("Prices are set, and %(codes)s asks for money per year."),
            {"codes": ", ".join(facts.money_codes[:_LISTED])},
        )
    if facts.money_result:
        return State.MET, Message(gettext_noop("Prices are set, and a run was judged in money per year."))
    return State.UNKNOWN, Message(
        gettext_noop("Prices are set, but no requirement and no run says what that makes per year.")
    )


def _data(facts: Facts) -> Finding:
    """A hold-out data set that was read, added by somebody who is still there to answer for it."""
    if not facts.holdouts:
        return State.NOT_MET, Message(gettext_noop("There is no hold-out data set."))
    return min((_holdout(holdout) for holdout in facts.holdouts), key=lambda found: _RANK[found[0]])


_RANK: dict[str, int] = {State.MET: 0, State.UNKNOWN: 1, State.NOT_MET: 2}


def _holdout(holdout: Holdout) -> Finding:
    place = {"dataset": holdout.name}
    if holdout.being_read:
        return State.UNKNOWN, Message(gettext_noop("“%(dataset)s” is being read."), place)
    if holdout.rows is None:
        return State.NOT_MET, Message(gettext_noop("“%(dataset)s” could not be read."), place)
    if holdout.rows == 0:
        return State.NOT_MET, Message(gettext_noop("“%(dataset)s” has no rows."), place)
    if not holdout.owned:
        return State.NOT_MET, Message(
            gettext_noop("Who added “%(dataset)s” has left the project: nobody answers for it."), place
        )
    return State.MET, Message(
        gettext_noop("“%(dataset)s” was read: %(rows)s rows."), {**place, "rows": holdout.rows}
    )


def _scope(facts: Facts) -> Finding:
    scope = facts.scope
    if scope is None or not scope.agreed:
        return State.UNKNOWN, Message(gettext_noop("The scope was not agreed on."))
    counts = {"done": scope.done, "total": scope.total}
    state = State.MET if 0 < scope.total == scope.done else State.NOT_MET
    return state, Message(gettext_noop("%(done)d of %(total)d items of work are done."), counts)


STANDARD: tuple[Standard, ...] = (
    Standard("fit", gettext_noop("ML is the right tool for it"), _fit, "lifecycle:fit"),
    Standard(
        "baseline", gettext_noop("A baseline without ML was evaluated"), _baseline, "evaluations:baseline"
    ),
    Standard(
        "beats_baseline",
        gettext_noop("The best run beats the baseline beyond chance"),
        lambda facts: beats_baseline(facts.pairs),
        "evaluations:baseline",
    ),
    Standard(
        "requirements",
        gettext_noop("Every must-requirement is confirmed or waived"),
        _requirements,
        "requirements:list",
    ),
    Standard("money", gettext_noop("Its value is measured in money"), _money, "requirements:value"),
    Standard("data", gettext_noop("The hold-out data are ready"), _data, "datasets:datasets"),
    Standard(
        "scope",
        gettext_noop("The agreed scope is delivered"),
        _scope,
        "lifecycle:delivery",
        frozenset({Gate.PRODUCTION.value}),
    ),
)
