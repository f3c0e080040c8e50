"""What people make of the results: evidence, findings, decisions and the work that followed from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from apps.accounts.models import User
from apps.demo.design import write_design
from apps.demo.first_act import days_ago, start_discovery
from apps.demo.story.records import Delivery, DemoProject, Discovery, Item, Ruling, Wish
from apps.evaluations.models import Run
from apps.lifecycle import services as lifecycle
from apps.lifecycle.models import Decision, Deliverable, Phase
from apps.projects.models import Project
from apps.requirements import services as requirements
from apps.requirements.models import Requirement


@dataclass(frozen=True)
class Stage:
    """Where the second act plays."""

    project: Project
    story: DemoProject
    people: Mapping[str, User]

    def newest_run(self, model: str) -> Run | None:
        runs = self.project.runs.filter(model_version__model__name=model)
        return runs.order_by("-evaluated_at").first() if model else None

    def open_phase(self, kind: str) -> Phase | None:
        return Phase.objects.filter(project=self.project, kind=kind, closed_at=None).first()


def play(stage: Stage) -> None:
    """The rest of the story, in the order in which it happened."""
    for number, wish in enumerate(stage.story.wishes, 1):
        _record_proofs(stage, Requirement.objects.get(project=stage.project, number=number), wish)
    if stage.story.discovery is not None:
        _settle_questions(stage, stage.story.discovery, cycle=1)
    _assess_fit(stage)
    for ruling in stage.story.rulings:
        _rule(stage, ruling)
        if ruling.subject == Decision.Subject.DELIVERY_GATE and stage.story.delivery is not None:
            _deliver(stage, stage.story.delivery)
    if stage.story.next_discovery is not None:
        start_discovery(stage.project, stage.story.next_discovery, stage.people)
        _settle_questions(stage, stage.story.next_discovery, cycle=2)
    began = stage.story.discovery.started if stage.story.discovery else 0
    write_design(project=stage.project, people=stage.people, began=days_ago(began))


def _record_proofs(stage: Stage, requirement: Requirement, wish: Wish) -> None:
    if wish.later:
        _change(stage, requirement, wish)
    for proof in wish.proofs:
        fields = {name: getattr(proof, name) for name in proof.__slots__ if name != "days_ago"}
        requirements.record_evidence(
            requirement=requirement,
            user=stage.people["science"],
            fields=requirements.EvidenceFields(**fields, observed_at=days_ago(proof.days_ago)),
        )
    if wish.waived:
        requirements.grant_waiver(
            requirement=requirement,
            user=stage.people["product"],
            owner=stage.people["risk"],
            reason=wish.waived,
            expires_on=timezone.localdate() + timedelta(days=45),
        )


def _change(stage: Stage, requirement: Requirement, wish: Wish) -> None:
    fields = requirements.RequirementFields(
        statement=wish.statement,
        kind=wish.kind,
        priority=wish.priority,
        verification=wish.verification,
        scenario=wish.scenario,
        **wish.target,
    )
    requirements.change_requirement(
        requirement=requirement,
        user=stage.people["product"],
        fields=replace(fields, **wish.later),
        reason=wish.reason,
    )


def _settle_questions(stage: Stage, discovery: Discovery, *, cycle: int) -> None:
    start = days_ago(discovery.started).date()
    hypotheses = stage.project.hypotheses.filter(phase__cycle=cycle).select_related("phase", "project")
    for hypothesis, question in zip(hypotheses, discovery.questions, strict=True):
        if question.settled is not None:
            lifecycle.settle_hypothesis(
                hypothesis=hypothesis,
                user=stage.people["science"],
                state=question.state,
                finding=question.finding,
                run=stage.newest_run(question.model),
                settled_on=start + timedelta(days=question.settled),
            )


def _assess_fit(stage: Stage) -> None:
    for fit in stage.story.fits:
        lifecycle.answer_fit(
            project=stage.project,
            user=stage.people["science"],
            question=fit.question,
            state=fit.state,
            note=fit.note,
            run=stage.newest_run(fit.model),
            owner=stage.people[fit.owner],
        )


def _rule(stage: Stage, ruling: Ruling) -> None:
    """Record a decision; where it goes against the advice, the second person confirms it."""
    kind = Phase.Kind.DELIVERY if ruling.subject == Decision.Subject.PRODUCTION_GATE else Phase.Kind.DISCOVERY
    phase = stage.open_phase(kind)
    assert phase is not None  # noqa: S101  the story is told in order
    at = days_ago(ruling.days_ago)
    decision = lifecycle.decide(
        phase=phase,
        user=stage.people["product"],
        subject=ruling.subject,
        outcome=ruling.outcome,
        reason=ruling.reason,
        promised_on=_promise(stage, at),
        at=at,
    )
    if decision.state == Decision.State.PROPOSED:
        lifecycle.confirm_decision(
            decision=decision, user=stage.people[ruling.second], note=ruling.second_note, at=at
        )


def _promise(stage: Stage, at: datetime) -> date | None:
    delivery = stage.story.delivery
    return at.date() + timedelta(days=delivery.promised) if delivery else None


def _deliver(stage: Stage, delivery: Delivery) -> None:
    phase = stage.open_phase(Phase.Kind.DELIVERY)
    assert phase is not None  # noqa: S101  the gate has just opened it
    start = phase.started_on
    agreed = {item.name: _add(stage, phase, item) for item in delivery.items if not item.added}
    lifecycle.agree_scope(
        phase=phase,
        user=stage.people["product"],
        promised_on=start + timedelta(days=delivery.promised),
        at=_at(start, 0),
    )
    phase.refresh_from_db()
    for item in sorted(delivery.items, key=lambda item: item.added):
        deliverable = agreed.get(item.name) or _add(stage, phase, item)
        if item.done is not None:
            lifecycle.finish_deliverable(
                deliverable=deliverable,
                user=stage.people["science"],
                done_on=start + timedelta(days=item.done),
            )
        if item.removed is not None:
            lifecycle.remove_deliverable(
                deliverable=deliverable,
                user=stage.people["product"],
                reason=item.why,
                day=start + timedelta(days=item.removed),
            )


def _add(stage: Stage, phase: Phase, item: Item) -> Deliverable:
    return lifecycle.add_deliverable(
        phase=phase,
        user=stage.people["product"],
        name=item.name,
        size=item.size,
        reason=item.why if item.added else "",
        added_on=phase.started_on + timedelta(days=item.added),
    )


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.get_current_timezone())
