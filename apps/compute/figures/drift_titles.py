"""What happened to a column, as one sentence with its numbers."""

from __future__ import annotations

from apps.compute.drift.result import ColumnDrift, Picture, Verdict
from apps.compute.figures.theme import text
from apps.compute.messages import Message, Quantity, gettext_noop

#: A share that changed by less is not the finding.
SMALLEST_CHANGE = 0.005
MIDDLE = 2  # place of the median among the quantiles
CHANGED = (Verdict.DRIFT, Verdict.SMALL, Verdict.UNSURE)


def title_of(found: ColumnDrift) -> Message:
    """The change that a reader sees first; of what did not change, that it did not."""
    if found.verdict is Verdict.INCOMPARABLE:
        return text(gettext_noop("%(column)s cannot be compared"), column=found.name)
    if found.verdict is Verdict.NONE:
        return text(gettext_noop("%(column)s looks like the reference"), column=found.name)
    return _seen(found) or text(gettext_noop("%(column)s changed"), column=found.name)


def _seen(found: ColumnDrift) -> Message | None:
    if found.words:
        return _word(found)
    if found.unseen and _present(found) and found.unseen[0].count / _present(found) >= SMALLEST_CHANGE:
        return text(
            gettext_noop("%(column)s: “%(value)s” never occurred in the reference"),
            column=found.name,
            value=found.unseen[0].value,
        )
    if found.picture is not None and found.picture.labels:
        return _share(found, found.picture)
    return _middle(found)


def _present(found: ColumnDrift) -> int:
    return found.current.rows - found.current.missing


def _word(found: ColumnDrift) -> Message:
    heaviest = max(found.words, key=lambda word: abs(word.weight))
    sentence = (
        gettext_noop("%(column)s: “%(word)s” is typical of the reference, less of the current rows")
        if heaviest.side == "reference"
        else gettext_noop("%(column)s: “%(word)s” is typical of the current rows, less of the reference")
    )
    return text(sentence, column=found.name, word=heaviest.word)


def _share(found: ColumnDrift, picture: Picture) -> Message | None:
    changes = [now - before for before, now in zip(picture.reference, picture.current, strict=True)]
    place = max(range(len(changes)), key=lambda i: abs(changes[i]))
    if abs(changes[place]) < SMALLEST_CHANGE:
        return None
    sentence = (
        gettext_noop("%(column)s: “%(value)s” rose from %(before)s to %(now)s")
        if changes[place] > 0
        else gettext_noop("%(column)s: “%(value)s” fell from %(before)s to %(now)s")
    )
    return text(
        sentence,
        column=found.name,
        value=picture.labels[place],
        before=Quantity(picture.reference[place], "share"),
        now=Quantity(picture.current[place], "share"),
    )


def _middle(found: ColumnDrift) -> Message | None:
    before, now = found.reference.quantiles, found.current.quantiles
    if not (before and now):
        return None
    unit = "date" if found.kind == "date" else "number"
    values = {"before": Quantity(before[MIDDLE], unit), "now": Quantity(now[MIDDLE], unit)}
    if str(values["before"]) != str(values["now"]):
        sentence = (
            gettext_noop("%(column)s: the middle value rose from %(before)s to %(now)s")
            if now[MIDDLE] > before[MIDDLE]
            else gettext_noop("%(column)s: the middle value fell from %(before)s to %(now)s")
        )
        return text(sentence, column=found.name, **values)
    wider = now[-1] - now[0] > before[-1] - before[0]
    sentence = (
        gettext_noop("%(column)s: the middle stayed, the values spread wider")
        if wider
        else gettext_noop("%(column)s: the middle stayed, the values lie closer together")
    )
    return text(sentence, column=found.name)
