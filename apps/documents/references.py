"""Live references in a text: R-01, run 42, H-3, D-2, A-1, decision 4, with what they are worth at present.

They are looked up within the project, with one query for each kind that occurs (two for runs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.common import formats
from apps.documents.models import ArchitectureDecision
from apps.evaluations.lists import list_metrics, listed_runs, run_rows
from apps.jobs.models import State
from apps.lifecycle.models import Decision, Deliverable, Hypothesis
from apps.projects.models import Project
from apps.requirements.models import Requirement, Verdict


class Kind(StrEnum):
    REQUIREMENT = "R"
    RUN = "run"
    HYPOTHESIS = "H"
    DELIVERABLE = "D"
    ARCHITECTURE = "A"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    kind: Kind
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a reference stands for. ``state`` is its key (a verdict's for requirements), ``word`` its name.

    ``day`` is since when or when that became so; ``value`` a run's main number.
    """

    key: Key
    code: str
    title: str
    state: str
    word: str
    url: str
    day: str = ""
    value: str = ""

    @property
    def is_requirement(self) -> bool:
        return self.key.kind == Kind.REQUIREMENT

    @property
    def in_words(self) -> str:
        """What a reader without the portal needs: "confirmed, 3 November 2026"."""
        return ", ".join(part for part in (self.value or self.word, self.day) if part)


_CODE = (
    r"(?<![\w-])(?:(?P<letter>[RHDA])-(?P<code>\d{1,6})|(?P<word>run|decision)\s(?P<number>\d{1,6}))"
    r"(?![\w-]|[.,]\d)"
)
#: Codes are written in capitals; the words may begin a sentence.
PATTERN = re.compile(_CODE.replace("run|decision", "[Rr]un|[Dd]ecision"))


def key_of(match: re.Match[str]) -> Key:
    if match["letter"]:
        return Key(Kind(match["letter"]), int(match["code"]))
    return Key(Kind(match["word"].lower()), int(match["number"]))


def find(texts: Iterable[str]) -> set[Key]:
    """Everything that the texts refer to, whether it is there or not."""
    return {key_of(match) for text in texts for match in PATTERN.finditer(text)}


def resolve(project: Project, keys: Iterable[Key]) -> dict[Key, Reference]:
    """What the keys stand for in this project; one that stands for nothing is left out."""
    numbers: dict[Kind, list[int]] = {}
    for key in sorted(keys):
        numbers.setdefault(key.kind, []).append(key.number)
    found: dict[Key, Reference] = {}
    for kind, wanted in numbers.items():
        found.update((reference.key, reference) for reference in _READERS[kind](project, wanted))
    return found


def _requirements(project: Project, numbers: Sequence[int]) -> Iterable[Reference]:
    present = Prefetch("verdicts", Verdict.objects.filter(until=None), to_attr="present")
    rows = Requirement.objects.filter(project=project, number__in=numbers)
    for row in rows.select_related("current").prefetch_related(present):
        since = row.present[0].since if row.present else row.asked_on
        yield Reference(
            key=Key(Kind.REQUIREMENT, row.number),
            code=row.code,
            title=row.current.statement if row.current else "",
            state="withdrawn" if row.withdrawn_at else row.state,
            word=_("withdrawn") if row.withdrawn_at else row.get_state_display().lower(),
            url=reverse("requirements:detail", args=[project.slug, row.number]),
            day=_("since %(day)s") % {"day": _day(row.withdrawn_at or since)},
        )


def _runs(project: Project, numbers: Sequence[int]) -> Iterable[Reference]:
    runs = list(listed_runs(project).filter(number__in=numbers))
    metrics = {task: list_metrics(task)[:1] for task in {run.task for run in runs}}
    every = {metric.key: metric for first in metrics.values() for metric in first}
    for row in run_rows(runs, list(every.values())) if runs else []:
        main = {metric.key for metric in metrics[row.run.task]}
        value = ""
        for metric, measured in row.values:
            if metric.key in main and measured is not None:
                number = formats.quantity(measured.value, metric.unit, measured.low, measured.high)
                value = f"{_(metric.label)} {number}"
        yield Reference(
            key=Key(Kind.RUN, row.run.number),
            code=str(row.run),
            title=row.run.name,
            state="measured" if value else row.run.job.state,
            word=row.run.job.get_state_display().lower() if row.run.job.state != State.SUCCEEDED else "",
            url=reverse("evaluations:detail", args=[project.slug, row.run.number]),
            day=_day(row.run.evaluated_at),
            value=value,
        )


def _hypotheses(project: Project, numbers: Sequence[int]) -> Iterable[Reference]:
    address = reverse("lifecycle:discovery", args=[project.slug])
    rows = Hypothesis.objects.filter(project=project, number__in=numbers).select_related("phase")
    for row in rows:
        yield Reference(
            key=Key(Kind.HYPOTHESIS, row.number),
            code=row.code,
            title=row.text,
            state=row.state,
            word=str(row.get_state_display()),
            url=f"{address}?cycle={row.phase.cycle}#{row.code}",
            day=_day(row.settled_on or row.added_on),
        )


def _deliverables(project: Project, numbers: Sequence[int]) -> Iterable[Reference]:
    address = reverse("lifecycle:delivery", args=[project.slug])
    for row in Deliverable.objects.filter(project=project, number__in=numbers).select_related("phase"):
        state, word = "open", _("not done yet")
        if row.removed_on:
            state, word = "removed", _("taken out")
        elif row.done_on:
            state, word = "done", _("done")
        yield Reference(
            key=Key(Kind.DELIVERABLE, row.number),
            code=row.code,
            title=row.name,
            state=state,
            word=word,
            url=f"{address}?cycle={row.phase.cycle}#{row.code}",
            day=_day(row.removed_on or row.done_on or row.added_on),
        )


def _architecture(project: Project, numbers: Sequence[int]) -> Iterable[Reference]:
    for row in ArchitectureDecision.objects.filter(project=project, number__in=numbers):
        yield Reference(
            key=Key(Kind.ARCHITECTURE, row.number),
            code=row.code,
            title=row.title,
            state=row.state,
            word=str(row.get_state_display()),
            url=reverse("documents:decision", args=[project.slug, row.number]),
            day=_day(row.settled_at or row.created_at),
        )


def _decisions(project: Project, numbers: Sequence[int]) -> Iterable[Reference]:
    for row in Decision.objects.filter(project=project, number__in=numbers):
        yield Reference(
            key=Key(Kind.DECISION, row.number),
            code=_("Decision %(number)d") % {"number": row.number},
            title=str(row),
            state=row.state,
            word=f"{row.get_outcome_display()}, {row.get_state_display()}",
            url=reverse("lifecycle:decision", args=[project.slug, row.number]),
            day=_day(row.decided_at),
        )


def _day(moment: date | datetime) -> str:
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return date_format(local, "j E Y")


_READERS: dict[Kind, Callable[[Project, Sequence[int]], Iterable[Reference]]] = {
    Kind.REQUIREMENT: _requirements,
    Kind.RUN: _runs,
    Kind.HYPOTHESIS: _hypotheses,
    Kind.DELIVERABLE: _deliverables,
    Kind.ARCHITECTURE: _architecture,
    Kind.DECISION: _decisions,
}
