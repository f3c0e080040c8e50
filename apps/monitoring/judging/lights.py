"""The first and the third light, each one sentence with its evidence: at all, as well as before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.jobs.models import State
from apps.monitoring.judging.arrival import LOOKED_BACK, Volume
from apps.monitoring.judging.facts import Facts
from apps.monitoring.judging.judgement import Judgement
from apps.monitoring.judging.labels import Labels
from apps.monitoring.judging.standing import Light
from apps.monitoring.judging.wording import difference, first_and_more, metric_name, when
from apps.monitoring.judging.worse import Trend
from apps.monitoring.models import LightState

METRICS_FAILED = gettext_noop("The metrics of the newest batches could not be computed.")
Numbers = Mapping[str, int]  # of open alerts, by their causes


def at_all(judged: Judgement, alerts: Numbers) -> Light:
    """Do data arrive on time and whole, and do the jobs finish?"""
    facts, arrival = judged.facts, judged.arrival
    if not facts.monitor.is_active:
        paused = gettext_noop("The monitor is paused: nothing is expected.")
        ended = gettext_noop("The monitor is archived: nothing is expected.")
        return Light(LightState.UNKNOWN, Message(ended if facts.monitor.archived_at else paused), "batches")
    if not arrival.due and not facts.batches:
        return Light(LightState.UNKNOWN, _nothing_due(facts), "batches")
    return _broken(judged, alerts) or _incomplete(judged, alerts) or _whole(judged)


def _nothing_due(facts: Facts) -> Message:
    start = facts.rhythm.next_end(facts.rhythm.starts_at)
    return Message(
        gettext_noop("Nothing was due yet: the first batch is expected by %(day)s."),
        {"day": when(facts.rhythm, start + facts.grace)},
    )


def _broken(judged: Judgement, alerts: Numbers) -> Light | None:
    if judged.arrival.silent:
        return Light(LightState.NO, silence(judged), _alert(alerts, "silence", "batches"))
    if judged.failed is not None:
        text = Message(
            gettext_noop("The check of batch %(number)s failed."), {"number": str(judged.failed.number)}
        )
        return Light(LightState.NO, text, f"batch:{judged.failed.number}")
    return _findings(judged, LightState.NO)


def silence(judged: Judgement) -> Message:
    arrival = judged.arrival
    return Message(
        gettext_noop("No data since %(day)s: of the last %(due)s batches %(missing)s are missing."),
        {
            "day": when(judged.facts.rhythm, arrival.since or arrival.silent[0].start),
            "due": len(arrival.due),
            "missing": len(arrival.silent),
        },
    )


def _findings(judged: Judgement, state: str) -> Light | None:
    """What is wrong with the newest checked batch: without rows or columns it does not work at all."""
    batch, check = judged.facts.newest, judged.facts.check
    if batch is None or check is None:
        return None
    found = [f for f in check.findings if f.code in ("empty", "schema") and f.state == "bad"]
    if state == LightState.PARTLY:
        found = [f for f in check.findings if f not in found and f.state != "ok"]
    if not found:
        return None
    text = Message(
        gettext_noop("Batch %(number)s: %(finding)s"),
        {"number": str(batch.number), "finding": first_and_more(found[0].title, len(found))},
    )
    return Light(state, text, f"batch:{batch.number}")


def _incomplete(judged: Judgement, alerts: Numbers) -> Light | None:
    if light := _findings(judged, LightState.PARTLY):
        return light
    job = judged.facts.monitor.evaluation_job
    if job is not None and job.state == State.FAILED:
        return Light(LightState.PARTLY, Message(METRICS_FAILED), _alert(alerts, "failure:metrics", "batches"))
    newest = judged.facts.batches[-LOOKED_BACK:]
    if failed := sum(not batch.is_under_way and not batch.is_checked for batch in newest):
        text = Message(gettext_noop("The checks of %(count)s batches failed."), {"count": failed})
        return Light(LightState.PARTLY, text, "batches")
    if judged.volume is not None:
        return Light(LightState.PARTLY, volume(judged.volume), _alert(alerts, "volume", "batches"))
    if judged.slow is not None:
        text = Message(
            gettext_noop("The check of batch %(number)s has not ended yet, longer than the grace allows."),
            {"number": str(judged.slow.number)},
        )
        return Light(LightState.PARTLY, text, f"batch:{judged.slow.number}")
    arrival = judged.arrival
    if arrival.missing or arrival.late:
        text = Message(
            gettext_noop("Of the last %(due)s batches %(missing)s are missing and %(late)s came late."),
            {"due": len(arrival.due), "missing": len(arrival.missing), "late": arrival.late},
        )
        return Light(LightState.PARTLY, text, "batches")
    return None


def volume(unusual: Volume) -> Message:
    return Message(
        gettext_noop("Batch %(number)s has %(rows)s rows; %(low)s to %(high)s are usual."),
        {
            "number": str(unusual.batch.number),
            "rows": unusual.rows,
            "low": unusual.usual.low,
            "high": unusual.usual.high,
        },
    )


def _whole(judged: Judgement) -> Light:
    due = len(judged.arrival.due)
    if not due:
        text = Message(gettext_noop("Data arrive before they are due, and what came is whole."))
    elif due == 1:
        text = Message(gettext_noop("The one batch that was due came on time and is whole."))
    else:
        text = Message(
            gettext_noop("All of the last %(due)s batches came on time; the newest is whole."), {"due": due}
        )
    return Light(LightState.YES, text, "batches")


# As before


def as_before(judged: Judgement, alerts: Numbers) -> Light:
    """Is the champion as good as in comparable windows before?"""
    light = _as_before(judged, alerts)
    why = _undefined(judged.facts)
    if why is None:
        return light
    text = Message(gettext_noop("%(light)s %(undefined)s"), {"light": light.text, "undefined": why})
    return Light(light.state, text, light.evidence)


def _as_before(judged: Judgement, alerts: Numbers) -> Light:
    trend = judged.trend
    if trend is not None and trend.alarm is not None:
        return Light(LightState.NO, worsening(judged, trend), _alert(alerts, "worse", "metrics"))
    if trend is not None and trend.is_unsure:
        text = Message(
            gettext_noop("“%(metric)s” may be getting worse; it is not beyond chance yet."),
            {"metric": metric_name(judged.facts.monitor.watch_metric)},
        )
        return Light(LightState.PARTLY, text, "metrics")
    return _changed(judged) or _unsettled(judged) or _same(judged)


def worsening(judged: Judgement, trend: Trend) -> Message:
    monitor, course = judged.facts.monitor, trend.course
    metric = judged.facts.metric
    bounded = metric is not None and metric.low is not None and metric.high is not None
    by = (
        difference(monitor.watch_metric, course.worse_by, course.worse_low, course.worse_high)
        if bounded
        else Quantity(course.worse_by, "share", course.worse_low, course.worse_high)
    )
    return Message(
        gettext_noop("“%(metric)s” is worse by %(by)s than in comparable windows before, since %(day)s."),
        {
            "metric": metric_name(monitor.watch_metric),
            "by": by,
            "day": when(judged.facts.rhythm, trend.since.start if trend.since else judged.facts.now),
        },
    )


def _changed(judged: Judgement) -> Light | None:
    """Signs of a change that need no labels."""
    estimated, facts = judged.estimated_trend, judged.facts
    if estimated is not None and estimated.alarm is not None:
        text = Message(
            gettext_noop("By estimates without labels “%(metric)s” is worse since %(day)s."),
            {
                "metric": metric_name(facts.monitor.watch_metric),
                "day": when(facts.rhythm, estimated.since.start if estimated.since else facts.now),
            },
        )
        return Light(LightState.PARTLY, text, "metrics")
    previous = facts.check.previous if facts.check else None
    if facts.newest is None or previous is None or not previous.drifted:
        return None
    text = Message(
        gettext_noop(
            "In batch %(number)s %(count)s of %(all)s columns differ from the comparable window before."
        ),
        {"number": str(facts.newest.number), "count": previous.drifted, "all": previous.compared},
    )
    return Light(LightState.PARTLY, text, f"batch:{facts.newest.number}")


def _unsettled(judged: Judgement) -> Light | None:
    trend, facts = judged.trend, judged.facts
    if facts.champion is None:
        return Light(LightState.UNKNOWN, Message(gettext_noop("No champion is watched.")), "metrics")
    if trend is None:
        return Light(LightState.UNKNOWN, unknown_until(facts, judged.labels), "labels")
    if trend.course.enough:
        return None
    text = Message(
        gettext_noop("Not known yet: about %(needed)s more comparable windows with labels are needed."),
        {"needed": trend.course.needed},
    )
    return Light(LightState.UNKNOWN, text, "metrics")


def unknown_until(facts: Facts, labels: Labels) -> Message:
    """Why nothing is known of the metrics, and until when."""
    waiting, expected = labels.waiting, labels.expected_at
    if not labels.are_computed:
        return Message(gettext_noop("Not known yet: labels are here, and the metrics are being computed."))
    if waiting is None or expected is None:
        if labels.until is not None:
            return Message(gettext_noop("Not known: from the labels that are here nothing can be computed."))
        return Message(gettext_noop("Not known: no batch has been checked yet."))
    days = {"window": when(facts.rhythm, waiting.start), "day": when(facts.rhythm, expected)}
    if labels.overdue or expected + facts.grace <= facts.now:
        return Message(
            gettext_noop("Not known: the labels of %(window)s were expected on %(day)s and have not come."),
            days,
        )
    return Message(
        gettext_noop("Not known until the labels of %(window)s arrive on %(day)s."),
        days,
    )


def _same(judged: Judgement) -> Light:
    facts, trend = judged.facts, judged.trend
    newest: datetime = trend.batches[-1].start if trend else facts.now
    text = Message(
        gettext_noop("“%(metric)s” is as good as in comparable windows before, by the labels of %(day)s."),
        {"metric": metric_name(facts.monitor.watch_metric), "day": when(facts.rhythm, newest)},
    )
    return Light(LightState.YES, text, "metrics")


def _undefined(facts: Facts) -> Message | None:
    """Why the newest labelled window has no value: that is no failure."""
    newest = next((m for m in reversed(facts.true) if m.batch.has_labels), None)
    if newest is None or newest.value is not None:
        return None
    words = {"day": when(facts.rhythm, newest.batch.start)}
    if newest.undefined is None:
        return Message(gettext_noop("In the window of %(day)s it is not defined."), words)
    return Message(
        gettext_noop("In the window of %(day)s it is not defined: %(why)s"),
        {**words, "why": newest.undefined},
    )


def _alert(alerts: Numbers, cause: str, otherwise: str) -> str:
    return f"alert:{alerts[cause]}" if cause in alerts else otherwise
