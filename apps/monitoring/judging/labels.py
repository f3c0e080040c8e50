"""Until when are the labels known, when do the next come, and how good are the estimates until then?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile

from apps.monitoring.judging.arrival import LOOKED_BACK
from apps.monitoring.judging.facts import BatchFact, Facts, Measured


@dataclass(frozen=True, slots=True)
class Labels:
    """``until``: labels of windows up to then are known. ``waiting`` is the first batch after it, whose
    labels are ``expected_at``. ``overdue`` are the newest batches, in order, whose labels should be here and
    are not. ``coverage`` is the share of rows with a label where labels are due.
    """

    until: datetime | None = None
    waiting: BatchFact | None = None
    expected_at: datetime | None = None
    overdue: tuple[BatchFact, ...] = ()
    coverage: float | None = None
    are_computed: bool = True  # False: labels are here whose metrics are not computed yet


def labels_of(facts: Facts) -> Labels:
    batches = [batch for batch in facts.batches if batch.rows]
    until = max((batch.end for batch in batches if batch.has_labels), default=None)
    waiting = next((batch for batch in batches if until is None or batch.start >= until), None)
    due = [batch for batch in reversed(batches) if batch.end + facts.label_delay <= facts.now]
    counted = due[:LOOKED_BACK]
    rows = sum(batch.rows or 0 for batch in counted)
    return Labels(
        until=until,
        waiting=waiting,
        expected_at=waiting.end + facts.label_delay if waiting else None,
        overdue=_overdue(facts, due),
        coverage=sum(batch.labelled for batch in counted) / rows if rows else None,
        are_computed=all(batch.labels_ticket <= batch.evaluated_ticket for batch in batches),
    )


def _overdue(facts: Facts, due: Sequence[BatchFact]) -> tuple[BatchFact, ...]:
    """``due`` goes from the newest to the oldest; a batch whose labels are being worked on is not overdue."""
    if not facts.monitor.is_active:
        return ()
    late = (batch for batch in due if batch.end + facts.label_delay + facts.grace <= facts.now)
    bare = takewhile(lambda b: not b.has_labels and b.labels_ticket <= b.evaluated_ticket, late)
    return tuple(reversed(list(islice(bare, LOOKED_BACK))))


def estimates_error(facts: Facts) -> tuple[float | None, int]:
    """Mean of |estimate - truth| over the windows where both are known, and how many these are."""
    truth = {measured.batch.pk: measured.value for measured in facts.true if measured.batch.has_labels}
    errors = [
        abs(estimate.value - value)
        for estimate in facts.estimated
        if estimate.value is not None and (value := truth.get(estimate.batch.pk)) is not None
    ]
    return (sum(errors) / len(errors) if errors else None), len(errors)


def newest_estimate(facts: Facts) -> Measured | None:
    """The estimate of the newest batch, unless its labels are known."""
    newest = next((measured for measured in reversed(facts.estimated) if measured.value is not None), None)
    return None if newest is None or newest.batch.has_labels else newest
