"""The second light: do the live requirements hold, and does the champion still beat the baseline?"""

from __future__ import annotations

from apps.compute.messages import Message, gettext_noop
from apps.compute.monitoring.pooled import Beaten
from apps.compute.verdicts import Outcome
from apps.monitoring.judging.judgement import Judgement
from apps.monitoring.judging.labels import newest_estimate
from apps.monitoring.judging.lights import unknown_until
from apps.monitoring.judging.standing import Light
from apps.monitoring.judging.wording import difference, measured, metric_name
from apps.monitoring.models import LightState

_WORST_FIRST = (LightState.NO, LightState.PARTLY, LightState.UNKNOWN, LightState.YES)


def well(judged: Judgement) -> Light:
    facts = judged.facts
    if facts.champion is None:
        return Light(LightState.UNKNOWN, Message(gettext_noop("No champion is watched.")), "metrics")
    if facts.pooled is None or facts.pooled.labelled == 0:
        return Light(LightState.UNKNOWN, _unknown(judged), "labels")
    requirements, baseline = _by_requirements(judged), _by_baseline(judged)
    text = Message(
        gettext_noop("%(requirements)s %(baseline)s"),
        {"requirements": requirements[1], "baseline": baseline[1]},
    )
    known = [state for state in (requirements[0], baseline[0]) if state is not None]
    state = min(known, key=_WORST_FIRST.index, default=LightState.UNKNOWN)
    return Light(state, text, "requirements" if judged.verdicts else "metrics")


def _unknown(judged: Judgement) -> Message:
    """Until when nothing is known, and what is estimated until then."""
    facts = judged.facts
    until = unknown_until(facts, judged.labels)
    estimate = newest_estimate(facts)
    if estimate is None:
        return until
    key = facts.monitor.watch_metric
    return Message(
        gettext_noop("%(until)s From its probabilities “%(metric)s” is estimated at %(value)s."),
        {
            "until": until,
            "metric": metric_name(key),
            "value": measured(key, estimate.value, estimate.low, estimate.high),
        },
    )


def _by_requirements(judged: Judgement) -> tuple[LightState | None, Message]:
    verdicts = judged.verdicts
    if not verdicts:
        return None, Message(gettext_noop("No live requirement can be measured here."))
    refuted = [verdict for verdict in verdicts if verdict.outcome == Outcome.REFUTED]
    unsettled = [verdict for verdict in verdicts if verdict.outcome == Outcome.UNVERIFIED]
    words = {"all": len(verdicts), "held": len(verdicts) - len(refuted) - len(unsettled)}
    if refuted:
        codes = ", ".join(verdict.code for verdict in refuted)
        text = gettext_noop("Of %(all)s live requirements %(held)s hold; refuted: %(codes)s.")
        return LightState.NO, Message(text, {**words, "codes": codes})
    if unsettled:
        text = gettext_noop("Of %(all)s live requirements %(held)s hold. %(code)s is open: %(reason)s")
        first = unsettled[0]
        return LightState.PARTLY, Message(text, {**words, "code": first.code, "reason": first.reason})
    if len(verdicts) == 1:
        return LightState.YES, Message(
            gettext_noop("The live requirement %(code)s holds."), {"code": verdicts[0].code}
        )
    return LightState.YES, Message(gettext_noop("All %(all)s live requirements hold."), words)


def _by_baseline(judged: Judgement) -> tuple[LightState | None, Message]:
    facts, beaten = judged.facts, judged.beaten
    if not facts.has_baseline:
        return None, Message(gettext_noop("No baseline without ML is watched."))
    if beaten is None:
        return LightState.PARTLY, Message(
            gettext_noop("It could not be compared with the baseline without ML.")
        )
    if beaten.low is not None and beaten.low > 0:
        return LightState.YES, Message(
            gettext_noop("It beats the baseline without ML by %(gain)s."),
            {"gain": difference(beaten.metric, beaten.gain, beaten.low, beaten.high)},
        )
    if beaten.high is not None and beaten.high < 0:
        return LightState.NO, baseline_wins(beaten)
    return LightState.PARTLY, Message(
        gettext_noop("Whether it beats the baseline without ML is not settled.")
    )


def baseline_wins(beaten: Beaten) -> Message:
    low, high = (None if bound is None else -bound for bound in (beaten.high, beaten.low))
    return Message(
        gettext_noop("It is worse than the baseline without ML by %(loss)s."),
        {"loss": difference(beaten.metric, -beaten.gain, low, high)},
    )
