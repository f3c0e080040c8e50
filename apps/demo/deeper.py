"""What the teams asked of the rows of their runs, and what they wrote down of their changes."""

from __future__ import annotations

from apps.analysis.services import ask
from apps.demo.second_act import Stage
from apps.demo.story.records import Asked, Bet, Effort
from apps.ledger import services as ledger
from apps.ledger.models import Change
from apps.requirements.models import ValueCase
from apps.requirements.services import approve_value_case


def look_deeper(stage: Stage) -> None:
    for asked in stage.story.asked:
        _ask(stage, asked)
    for effort in stage.story.efforts:
        _say_effort(stage, effort)
    write_bets(stage, stage.story.bets)
    if stage.story.prices_approved:
        case = ValueCase.objects.filter(project=stage.project).latest("number")
        approve_value_case(case=case, user=stage.people["product"], note="As agreed with finance.")


def _ask(stage: Stage, asked: Asked) -> None:
    run = stage.newest_run(asked.model)
    assert run is not None  # noqa: S101  the story names its own models
    ask(
        run=run,
        user=stage.people["science"],
        kind=asked.kind,
        params=dict(asked.params),
        standing=asked.standing,
    )


def _say_effort(stage: Stage, effort: Effort) -> None:
    """Of a change that has runs; the ledger wrote its line when the later one was evaluated."""
    change = Change.objects.filter(project=stage.project, run=stage.newest_run(effort.model)).first()
    if change is not None:
        ledger.edit_change(
            change=change,
            user=stage.people["science"],
            effort=ledger.Effort(title=effort.title, days=effort.days, cost=effort.cost, kept=effort.kept),
        )


def write_bets(stage: Stage, bets: tuple[Bet, ...]) -> None:
    for bet in bets:
        ledger.record_change(
            project=stage.project,
            user=stage.people["science"],
            effort=ledger.Effort(title=bet.title, subject=bet.subject, kept=bet.kept),
            elsewhere=ledger.Elsewhere(
                kind=bet.kind, metric=bet.metric, before=bet.before, after=bet.after, source=bet.source
            ),
        )
