"""The rows of the portfolio: everything that its table says of one project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.dashboards.progress import Progress, chips_of, progress_of, stretches_of
from apps.dashboards.words import operation_word, thing_of
from apps.monitoring.pages.lights import LIGHTS, state_of
from apps.projects.models import Project
from apps.requirements.models import VerdictState

BULLET_WIDTH = 116.0
BAR_WIDTH = 198.5
GAP = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A verdict bar: (colour, x, width) of each part, and its words."""

    parts: Sequence[tuple[str, float, float]]
    label: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Money per year of one project, and the places of its bullet chart; ``at_*`` are in 0..116."""

    currency: str
    value: float | None
    low: float | None
    high: float | None
    hoped: float | None
    at: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    project: Any  # with the annotations of `filters.projects_of`
    chips: Sequence[Mapping[str, Any]]
    progress: Progress | None
    bar: Bar
    worth: Worth
    lights: Mapping[str, str]  # the worst of each question over the monitors that watch
    activity: datetime | None
    activity_words: str


_COLOURS = {"confirmed": "ok", "contradicting": "mix", "refuted": "bad", "unverified": "none"}


def verdict_bar(counts: Mapping[str, int]) -> Bar:
    """Segments in the order confirmed, contradicting, refuted, unverified."""
    counts = {state.value: counts.get(state.value, 0) for state in VerdictState}
    present = [(state, n) for state, n in counts.items() if n]
    width = BAR_WIDTH - GAP * (len(present) - 1)
    parts, x = [], 0.0
    for state, n in present:
        share = width * n / sum(counts.values())
        parts.append((_COLOURS[state], round(x, 1), round(share, 1)))
        x += share + GAP
    label = _(
        "%(confirmed)d confirmed, %(contradicting)d contradicting, %(refuted)d refuted, "
        "%(unverified)d unverified"
    )
    return Bar(parts=parts, label=label % counts, counts=counts)


def rows_of(projects: Sequence[Project], today: date) -> list[Row]:
    """Needs one query."""
    stretches = stretches_of([project.pk for project in projects])
    most = _most(projects)
    return [
        Row(
            project=project,
            chips=chips_of(stretches[project.pk]),
            progress=progress_of(stretches[project.pk], today),
            bar=verdict_bar(project.states or {}),  # type: ignore[attr-defined]
            worth=worth_of(project, most),
            lights={name: state_of((project.ranks or {}).get(name)) for name in LIGHTS},  # type: ignore[attr-defined]
            activity=project.activity,  # type: ignore[attr-defined]
            activity_words=_activity(project),
        )
        for project in projects
    ]


def _amounts(project: Any) -> tuple[str, dict[str, float | None]]:
    judged = getattr(project, "judgement", None)
    currency = (judged.currency if judged else "") or project.hoped_currency or ""
    hoped = project.hoped if project.hoped_currency == currency else None
    value, low, high = (judged.value, judged.low, judged.high) if judged else (None, None, None)
    return currency, {"value": value, "low": low, "high": high, "hoped": hoped}


def _most(projects: Sequence[Project]) -> dict[str, float]:
    """The greatest amount of each currency: the rows of a currency share a scale."""
    most: dict[str, float] = {}
    for project in projects:
        currency, amounts = _amounts(project)
        most[currency] = max(most.get(currency, 0.0), *(amount or 0.0 for amount in amounts.values()))
    return most


def worth_of(project: Any, most: Mapping[str, float]) -> Worth:
    currency, amounts = _amounts(project)
    scale = BULLET_WIDTH / (most.get(currency) or 1.0)
    at = {name: round(max(0.0, amount) * scale, 1) for name, amount in amounts.items() if amount is not None}
    if "low" in at and "high" in at:
        at["from"], at["to"] = at["low"], at["high"]
    return Worth(currency=currency, at=at, **amounts)


def _activity(project: Any) -> str:
    """What happened last: a change of the trail, or a run."""
    if project.run_at and (project.changed_at is None or project.run_at >= project.changed_at):
        return _("Run %(number)d uploaded") % {"number": project.last_run_number}
    if not project.change:
        return ""
    thing = thing_of(project.change["table"])
    return f"{thing[:1].upper()}{thing[1:]} {operation_word(project.change['operation'])}"
