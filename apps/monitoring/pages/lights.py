"""The three lights in words, and where their evidence is seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.translate import translate
from apps.monitoring.judging.standing import Light, Standing
from apps.monitoring.models import LightState, Monitor

LIGHTS = ("at_all", "well", "as_before")
QUESTIONS = {
    "at_all": gettext_lazy("Does it work at all?"),
    "well": gettext_lazy("Does it work well?"),
    "as_before": gettext_lazy("Does it work as well as yesterday?"),
}
#: The best first: what is not known is worse than what is known to be right.
RANKS = {LightState.YES: 0, LightState.UNKNOWN: 1, LightState.PARTLY: 2, LightState.NO: 3}
ICONS = {"ok": "circle-check", "warn": "triangle-alert", "bad": "octagon-x", "none": "circle-dashed"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer; ``url`` leads to the evidence, named ``link``."""

    question: str
    state: str
    text: str
    link: str = ""
    url: str = ""
    monitor: str = ""  # the one that says so, where there are several

    @property
    def icon(self) -> str:
        return ICONS[self.state]


def rank_of(field: str) -> Case:
    """The rank of one light in PostgreSQL."""
    return Case(
        *(When(**{field: state}, then=Value(rank)) for state, rank in RANKS.items()),
        default=Value(RANKS[LightState.UNKNOWN]),
        output_field=IntegerField(),
    )


def worst_rank() -> Greatest:
    return Greatest(*(rank_of(field) for field in LIGHTS))


def worst_first() -> tuple[Any, ...]:
    """An order of monitors: the worst light first, then the number of lights that are not green."""
    total = rank_of("at_all") + rank_of("well") + rank_of("as_before")
    return (worst_rank().desc(), total.desc(), F("name").asc(), F("pk").asc())


def state_of(rank: int | None) -> str:
    """The light of a rank, UNKNOWN of none."""
    return next((state.value for state, known in RANKS.items() if known == rank), LightState.UNKNOWN.value)


def worst_answers(monitors: Iterable[Monitor]) -> list[Answer] | None:
    """Each question answered by the monitor that is worst in it; None without a monitor."""
    watching = list(monitors)
    if not watching:
        return None
    answers = []
    for field in LIGHTS:
        worst = max(watching, key=lambda monitor: RANKS[LightState(getattr(monitor, field))])
        answer = answer_of(worst, field, standing_of(worst))
        name = worst.name if len(watching) > 1 else ""
        answers.append(replace(answer, monitor=name))
    return answers


def standing_of(monitor: Monitor) -> Standing | None:
    """None until the monitor was judged for the first time."""
    return Standing.from_json(monitor.standing) if monitor.standing else None


def answers_of(monitor: Monitor) -> list[Answer]:
    standing = standing_of(monitor)
    return [answer_of(monitor, field, standing) for field in LIGHTS]


def answer_of(monitor: Monitor, field: str, standing: Standing | None) -> Answer:
    question = str(QUESTIONS[field])
    if standing is None:
        words = _("Not known. No batch has been judged yet.")
        return Answer(question, LightState.UNKNOWN, words, *evidence_of(monitor, "batches"))
    light: Light = getattr(standing, field)
    link, url = evidence_of(monitor, light.evidence)
    return Answer(question, light.state, translate(light.text), link, url)


def evidence_of(monitor: Monitor, evidence: str) -> tuple[str, str]:
    """Words and address of "batches", "batch:17", "alert:3", "requirements", "metrics" or "labels"."""
    where, _colon, number = evidence.partition(":")
    place = [monitor.project.slug, monitor.number]
    page = reverse("monitoring:detail", args=place)
    if where == "batch" and number.isdecimal():
        words = _("Batch %(number)s") % {"number": number}
        return words, reverse("monitoring:batch", args=[*place, int(number)])
    if where == "alert" and number.isdecimal():
        words = _("Alert %(number)s") % {"number": number}
        return words, reverse("monitoring:alert", args=[monitor.project.slug, int(number)])
    known = {
        "batches": (_("Batches"), reverse("monitoring:batches", args=place)),
        "labels": (_("Labels"), reverse("monitoring:labels", args=place)),
        "requirements": (_("Requirements in use"), f"{page}#requirements"),
        "metrics": (_("Time line"), f"{page}#time-line"),
    }
    return known.get(where, (_("Time line"), f"{page}#time-line"))
