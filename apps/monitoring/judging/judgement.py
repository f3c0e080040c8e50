"""What the facts say, before it becomes lights and alerts."""

from __future__ import annotations

from dataclasses import dataclass

from apps.compute.monitoring.pooled import Beaten
from apps.monitoring.judging.arrival import Arrival, Volume, arrival_of, unusual_volume
from apps.monitoring.judging.drifting import Drifting, drifting_columns
from apps.monitoring.judging.facts import BatchFact, Facts
from apps.monitoring.judging.labels import Labels, labels_of
from apps.monitoring.judging.standing import LiveVerdict
from apps.monitoring.judging.verdicts import live_verdicts
from apps.monitoring.judging.worse import Trend, estimated_trend_of, trend_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """``failed`` is the newest batch when its check failed; ``slow`` the first one whose check takes longer
    than the grace. ``beaten`` is the champion against the baseline on the watched metric.
    """

    facts: Facts
    arrival: Arrival
    volume: Volume | None
    failed: BatchFact | None
    slow: BatchFact | None
    labels: Labels
    verdicts: tuple[LiveVerdict, ...]
    beaten: Beaten | None
    trend: Trend | None
    estimated_trend: Trend | None
    drifting: tuple[Drifting, ...]


def judgement_of(facts: Facts) -> Judgement:
    return Judgement(
        facts=facts,
        arrival=arrival_of(facts),
        volume=unusual_volume(facts),
        failed=_failed(facts),
        slow=_slow(facts),
        labels=labels_of(facts),
        verdicts=live_verdicts(facts),
        beaten=_beaten(facts),
        trend=trend_of(facts),
        estimated_trend=estimated_trend_of(facts),
        drifting=drifting_columns(facts),
    )


def _failed(facts: Facts) -> BatchFact | None:
    newest = next((batch for batch in reversed(facts.batches) if not batch.is_under_way), None)
    return newest if newest is not None and not newest.is_checked else None


def _slow(facts: Facts) -> BatchFact | None:
    under_way = (batch for batch in facts.batches if batch.is_under_way)
    return next((batch for batch in under_way if batch.queued_at + facts.grace < facts.now), None)


def _beaten(facts: Facts) -> Beaten | None:
    if facts.pooled is None or facts.champion is None:
        return None
    if all(model.watched_id != facts.champion.pk for model in facts.pooled.models):
        return None  # of the champion before it
    return next((b for b in facts.pooled.beaten if b.metric == facts.monitor.watch_metric), None)
