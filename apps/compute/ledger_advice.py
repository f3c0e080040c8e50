"""The next bet in words: sentences that rest on the numbers of the ledger alone."""

from __future__ import annotations

from apps.compute.ledger import KIND_NAMES, Kind, Rate, Summary, Total
from apps.compute.messages import Message, Quantity, gettext_noop


def advice(summary: Summary, *, unit: str = "number", label_noise: Quantity | None = None) -> list[Message]:
    """Which kind of work brought more, per day where days are known, and whether that is beyond doubt; which
    runs are missing; how many labels are estimated to be wrong (``label_noise``, a share with its interval).

    ``unit`` is that of the gains ("points" for shares).
    """
    said = [_next_bet(summary, unit)]
    if summary.untold:
        said.append(Message(_UNTOLD, {"count": len(summary.untold), "title": summary.untold[0]}))
    if summary.unknown:
        said.append(Message(_UNKNOWN, {"count": len(summary.unknown), "title": summary.unknown[0]}))
    if label_noise is not None and label_noise.value is not None:
        said.append(_labels(label_noise))
    return said


def _next_bet(summary: Summary, unit: str) -> Message:
    data, model = (summary.tried.get(kind) for kind in (Kind.DATA, Kind.MODEL))
    if data is None and model is None:
        return Message(_NOTHING_KNOWN)
    if data is None or model is None:
        done = Kind.MODEL if data is None else Kind.DATA
        other = Kind.DATA if data is None else Kind.MODEL
        words = {"done": Message(_INSIDE[done]), "other": Message(_INSIDE[other])}
        return Message(_ONE_KIND, words)
    if data.per_day is not None and model.per_day is not None:
        return _compared(data.per_day, model.per_day, unit, _PER_DAY)
    return _compared(_gain(data), _gain(model), unit, _IN_ALL)


def _gain(total: Total) -> Rate:
    return Rate(total.gain, total.low, total.high)


def _compared(data: Rate, model: Rate, unit: str, sentences: tuple[str, str, str]) -> Message:
    """The rate that is better stands first. Beyond doubt: the intervals do not overlap, and the better one
    gained at all.
    """
    beyond_doubt, uncertain, no_gain = sentences
    first, second = (Kind.DATA, Kind.MODEL) if data.value >= model.value else (Kind.MODEL, Kind.DATA)
    best, other = (data, model) if first is Kind.DATA else (model, data)
    words = {
        "first": Message(KIND_NAMES[first]),
        "second": Message(_INSIDE[second]),
        "bet": Message(_INSIDE[first]),
        "best": Quantity(best.value, unit, best.low, best.high),
        "other": Quantity(other.value, unit, other.low, other.high),
    }
    if best.value <= 0:
        return Message(no_gain, words)
    apart = best.low is not None and other.high is not None and best.low > max(other.high, 0.0)
    return Message(beyond_doubt if apart else uncertain, words)


def _labels(noise: Quantity) -> Message:
    if noise.low is not None and noise.low <= 0:
        return Message(_LABELS_FEW, {"share": noise})
    return Message(_LABELS, {"share": noise})


#: Inside a sentence.
_INSIDE = {Kind.DATA: gettext_noop("data work"), Kind.MODEL: gettext_noop("model work")}
_PER_DAY = (
    gettext_noop(
        "%(first)s brought %(best)s per day of work and %(second)s %(other)s, which is beyond doubt. "
        "The next bet: %(bet)s."
    ),
    gettext_noop(
        "%(first)s brought %(best)s per day of work and %(second)s %(other)s, but the difference is not "
        "beyond doubt. A small bet on %(bet)s would tell."
    ),
    gettext_noop(
        "Neither kind of work gained anything: %(first)s brought %(best)s per day and %(second)s %(other)s. "
        "Look at the errors before the next bet."
    ),
)
_IN_ALL = (
    gettext_noop(
        "%(first)s brought %(best)s in all and %(second)s %(other)s, which is beyond doubt. Days of work are "
        "missing or 0, so nothing can be said per day. The next bet: %(bet)s."
    ),
    gettext_noop(
        "%(first)s brought %(best)s in all and %(second)s %(other)s, but the difference is not beyond doubt, "
        "and days of work are missing or 0. Give days and measure on the same rows to be sure."
    ),
    gettext_noop(
        "Neither kind of work gained anything: %(first)s brought %(best)s in all and %(second)s %(other)s. "
        "Look at the errors before the next bet."
    ),
)
_NOTHING_KNOWN = gettext_noop(
    "No change is known to be data work or model work alone, so nothing speaks for either. Change one of "
    "them at a time."
)
_ONE_KIND = gettext_noop(
    "Only one kind of work was tried: %(done)s. Nothing tells yet whether %(other)s would bring more; a "
    "small bet on it would."
)
_UNTOLD = gettext_noop(
    "Changes in which data and model changed together: %(count)s, such as “%(title)s”. Run the missing "
    "combination to tell them apart."
)
_UNKNOWN = gettext_noop(
    "Changes of an unknown kind: %(count)s, such as “%(title)s”. Give the hash of the training data, the "
    "revision of the code and the parameters with each run."
)
_LABELS = gettext_noop(
    "About %(share)s of the labels are estimated to be wrong. Labelling them again is data work whose gain "
    "can be measured."
)
_LABELS_FEW = gettext_noop(
    "About %(share)s of the labels are estimated to be wrong, which may as well be none: labelling again is "
    "no clear bet."
)
