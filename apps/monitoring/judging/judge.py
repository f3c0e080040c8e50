"""Bring the lights and alerts of one monitor up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.monitoring.judging.alerts import drafts_of
from apps.monitoring.judging.facts import Facts, facts_of
from apps.monitoring.judging.judgement import Judgement, judgement_of
from apps.monitoring.judging.labels import estimates_error
from apps.monitoring.judging.ledger import write_alerts
from apps.monitoring.judging.lights import as_before, at_all
from apps.monitoring.judging.standing import Standing
from apps.monitoring.judging.wellness import well
from apps.monitoring.models import Alert, Monitor

WRITTEN = ("at_all", "well", "as_before", "standing", "judged_at", "due_at")


@transaction.atomic
def judge(monitor_id: int, now: datetime | None = None) -> None:
    """Judge anew from the rows, as of ``now``. Idempotent; two at once wait.

    Default: this moment, or the time that a replayed stream has come to.
    """
    locked = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related(
        "project", "evaluation_job"
    )
    monitor = locked.filter(pk=monitor_id).first()
    if monitor is None:
        return
    monitor.judged_at = timezone.now()  # before the facts are read: what comes meanwhile is looked at again
    facts = facts_of(monitor, now or monitor.replayed_until or monitor.judged_at)
    judged = judgement_of(facts)
    alerts = write_alerts(facts, drafts_of(judged))
    standing = _standing(judged, alerts)
    monitor.at_all, monitor.well = standing.at_all.state, standing.well.state
    monitor.as_before = standing.as_before.state
    monitor.standing = standing.to_json()
    monitor.due_at = _due_at(judged, alerts)
    monitor.save(update_fields=WRITTEN)


def _standing(judged: Judgement, alerts: Sequence[Alert]) -> Standing:
    labels, arrival = judged.labels, judged.arrival
    numbers = {alert.cause: alert.number for alert in alerts}
    error, windows = estimates_error(judged.facts)
    expected = None
    if labels.waiting is not None and labels.expected_at is not None:
        expected = (labels.waiting.start.isoformat(), labels.expected_at.isoformat())
    return Standing(
        at_all=at_all(judged, numbers),
        well=well(judged),
        as_before=as_before(judged, numbers),
        verdicts=judged.verdicts,
        worse=judged.trend.to_json() if judged.trend else None,
        expected=len(arrival.due),
        arrived=len(arrival.due) - len(arrival.missing),
        labels_until=labels.until.isoformat() if labels.until else None,
        labels_expected=expected,
        coverage=labels.coverage,
        estimate_error=error,
        estimate_windows=windows,
    )


def _due_at(judged: Judgement, alerts: Sequence[Alert]) -> datetime | None:
    """When time alone changes something: a batch or labels become overdue, a check slow, a snooze ends."""
    facts = judged.facts
    if not facts.monitor.is_active:
        return None
    moments = [alert.snoozed_until for alert in alerts]
    moments += [batch.queued_at + facts.grace for batch in facts.batches if batch.is_under_way]
    moments += [_next_batch(facts), _next_labels(facts)]
    return min((moment for moment in moments if moment is not None and moment > facts.clock), default=None)


def _next_batch(facts: Facts) -> datetime | None:
    try:
        end = facts.rhythm.next_end(facts.now - facts.grace)
    except InputRejected:  # the calendar has no window any more
        return None
    if facts.monitor.ends_at is not None and end > facts.monitor.ends_at:
        return None
    return end + facts.grace


def _next_labels(facts: Facts) -> datetime | None:
    wait: timedelta = facts.label_delay + facts.grace
    bare = (batch.end + wait for batch in facts.batches if batch.rows and not batch.has_labels)
    return min((moment for moment in bare if moment > facts.now), default=None)
