"""What people write into the gain ledger, and what the portal writes by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.analysis.gains import gain_of
from apps.analysis.models import Relabelling
from apps.compute import ledger
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.compute.value import VALUE_PER_YEAR
from apps.evaluations.comparisons import start_comparison
from apps.evaluations.models import Comparison, Run
from apps.evaluations.services import check_compared
from apps.ledger.models import Change
from apps.projects.access import Action, require
from apps.projects.models import Project

MOST_DAYS, MOST_COST, MOST_MEASURED = 10_000.0, 1e12, 1e15
TITLE, SUBJECT, SOURCE = 200, 120, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What people say of any change: its name, what it took, whether it was kept."""

    title: str
    subject: str = ""
    days: float | None = None
    cost: float | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A gain that was measured outside the portal, and where."""

    kind: str
    metric: str
    before: float
    after: float
    source: str


@transaction.atomic
def record_change(*, project: Project, user: User, effort: Effort, elsewhere: Elsewhere) -> Change:
    """Write down a change that no run of the portal stands for. It has no interval, and that is said."""
    require(user, Action.UPLOAD, project)
    _check_effort(effort)
    _check_elsewhere(elsewhere)
    change: Change = Change.objects.create(
        project=project,
        created_by=user,
        title=effort.title.strip(),
        subject=effort.subject.strip(),
        days=effort.days,
        cost=effort.cost,
        kept=effort.kept,
        kind=elsewhere.kind,
        metric=elsewhere.metric,
        before=elsewhere.before,
        after=elsewhere.after,
        source=elsewhere.source.strip(),
    )
    return change


@transaction.atomic
def edit_change(*, change: Change, user: User, effort: Effort) -> Change:
    """Say what a change took and whether it was kept. What was measured never changes."""
    require(user, Action.UPLOAD, change.project)
    _check_effort(effort)
    change.title, change.subject = effort.title.strip(), effort.subject.strip()
    change.days, change.cost, change.kept = effort.days, effort.cost, effort.kept
    change.save(update_fields=["title", "subject", "days", "cost", "kept"])
    return change


@transaction.atomic
def enter_run(run: Run) -> Change | None:
    """The ledger's line of a finished run that has a parent, with the comparison of the two. Doing it twice
    does nothing. None for a run without a parent, or whose parent has no result.
    """
    if run.parent is None or run.parent.result is None:
        return None
    Project.objects.select_for_update(no_key=True).get(pk=run.project_id)
    corrected = Relabelling.objects.filter(corrected_run=run).select_related("list_file").first()
    change: Change
    change, _created = Change.objects.get_or_create(
        run=run,
        defaults={
            "project": run.project,
            "parent": run.parent,
            "title": run.name,
            "created_by": run.created_by,
            **(_brought(corrected, run.parent, run) if corrected else _changed(run.parent, run)),
        },
    )
    if corrected is not None:
        return change
    first = _root(run)
    if first.pk != run.parent_id:
        _compared(first, run)  # measures the whole way directly
    return change


def _changed(parent: Run, run: Run) -> dict[str, Any]:
    """What is known of a change of the model or of its training data."""
    kind = ledger.classify(facts_of(parent), facts_of(run)).kind
    return {"kind": kind.value, "comparison": _compared(parent, run)}


def _brought(corrected: Relabelling, before: Run, after: Run) -> dict[str, Any]:
    """What corrected labels brought. Runs with different labels are not compared row by row, so the gain is
    the difference of their values.
    """
    main = gain_of(before.result or {}, after.result or {}).main
    if main.change is None:
        return {"kind": Change.Kind.DATA, "days": corrected.days}
    return {
        "kind": Change.Kind.DATA,
        "days": corrected.days,
        "metric": main.metric.key,
        "before": main.before.value,
        "after": main.after.value,
        "source": (_("The same predictions, judged by the labels of %s") % corrected.list_file.name)[:SOURCE],
    }


def _compared(first: Run, second: Run) -> Comparison | None:
    """The comparison of two runs; None where they have no common ground."""
    try:
        check_compared(first.project, [first, second])
    except InputRejected:
        return None
    return start_comparison(runs=[first, second], user=second.created_by)


def _root(run: Run) -> Run:
    seen = {run.pk}
    while run.parent is not None and run.parent_id not in seen:
        run = run.parent
        seen.add(run.pk)
    return run


def facts_of(run: Run) -> ledger.Facts:
    """What is known of how the run's model was made."""
    data = run.training.sha256 if run.training else run.training_hash
    return ledger.Facts(
        data_hash=data or None,
        code_revision=run.code_revision or None,
        parameters=run.parameters or None,
    )


def _check_effort(effort: Effort) -> None:
    _check_text(effort.title, TITLE)
    _check_text(effort.subject, SUBJECT)
    if not effort.title.strip():
        raise InputRejected("no_title", gettext_noop("The change has no name. Say what was done."))
    for number, limit, text in (
        (effort.days, MOST_DAYS, _DAYS),
        (effort.cost, MOST_COST, _COST),
    ):
        if number is not None and not (math.isfinite(number) and 0 <= number <= limit):
            raise InputRejected("effort_out_of_range", text, value=number, most=limit)


def _check_elsewhere(elsewhere: Elsewhere) -> None:
    if elsewhere.kind not in (Change.Kind.DATA, Change.Kind.MODEL, Change.Kind.BOTH):
        raise InputRejected(
            "unknown_kind",
            gettext_noop("A change is data work, model work or both (data, model, both), not “%(kind)s”."),
            kind=elsewhere.kind[:50],
        )
    metric = METRICS.get(elsewhere.metric)
    if metric is None or metric.higher_is_better is None or elsewhere.metric == VALUE_PER_YEAR.key:
        raise InputRejected(
            "unknown_metric",
            gettext_noop("The portal has no metric “%(metric)s” that can get better. Choose another."),
            metric=elsewhere.metric[:50],
        )
    for value in (elsewhere.before, elsewhere.after):
        if not (math.isfinite(value) and abs(value) <= MOST_MEASURED):
            raise InputRejected(
                "value_out_of_range", gettext_noop("The value %(value)s is too large."), value=value
            )
        if metric.unit == "share" and metric.high == 1 and not 0 <= value <= 1:
            raise InputRejected(
                "share_in_percent",
                gettext_noop("A share lies between 0 and 1: write 0.931 for 93.1 %%. It is %(value)s."),
                value=value,
            )
    if not elsewhere.source.strip():
        raise InputRejected(
            "no_source",
            gettext_noop("Say where the gain was measured: a report, a table, a notebook."),
        )
    _check_text(elsewhere.source, SOURCE)


def _check_text(text: str, most: int) -> None:
    if "\0" in text:
        raise InputRejected("odd_text", gettext_noop("A text holds a character that cannot be stored."))
    if len(text) > most:
        raise InputRejected(
            "text_too_long",
            gettext_noop("A text has %(length)s characters; at most %(most)s fit. Shorten it."),
            length=len(text),
            most=most,
        )


_DAYS = gettext_noop("Days of work are between 0 and %(most)s. They are %(value)s.")
_COST = gettext_noop("The cost is between 0 and %(most)s. It is %(value)s.")
