"""The sentences with which the pages of a project's life begin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from apps.common.formats import MINUS
from apps.compute.figures.burn import BurnUp
from apps.compute.fit import Kind
from apps.lifecycle.models import Criterion, GateAdvice, Phase

State = Criterion.State


def day(value: date) -> str:
    """ "26 April", with the year where it is another one."""
    same_year = value.year == timezone.localdate().year
    return date_format(value, "j E" if same_year else "j E Y")


def days_over(phase: Phase, today: date) -> int:
    """Days since the end of an open timebox; negative while there is time left."""
    return (today - phase.ends_on).days if phase.ends_on else 0


def of_timebox(phase: Phase, today: date) -> str:
    """Where a discovery stands in its time."""
    if phase.closed_at:
        return gettext("Closed on %(day)s.") % {"day": day(timezone.localdate(phase.closed_at))}
    if phase.started_on > today:
        return gettext("It starts on %(day)s.") % {"day": day(phase.started_on)}
    over = days_over(phase, today)
    if over == 0:
        return gettext("The timebox ends today.")
    if over > 0:
        return ngettext("The timebox is %(days)d day over.", "The timebox is %(days)d days over.", over) % {
            "days": over
        }
    return ngettext("%(days)d day left.", "%(days)d days left.", -over) % {"days": -over}


def of_hypotheses(settled: int, total: int) -> str:
    if not total:
        return gettext("There are no hypotheses yet.")
    return ngettext(
        "%(settled)d of %(total)d hypothesis is settled.",
        "%(settled)d of %(total)d hypotheses are settled.",
        total,
    ) % {"settled": settled, "total": total}


def of_fit(kind: str, answered: int, total: int, assumed: int) -> str:
    """What the fit assessment advises."""
    if kind == Kind.ML:
        return gettext("The answers speak for machine learning.")
    if kind == Kind.NO_ML:
        return gettext("The answers speak against machine learning.")
    if not answered:
        return gettext("Nothing can be said yet: none of the questions is answered.")
    return gettext(
        "Nothing can be said yet. Questions answered: %(answered)d of %(total)d, only assumed: %(assumed)d."
    ) % {"answered": answered, "total": total, "assumed": assumed}


def of_gate(counts: Mapping[str, int], advice: str) -> str:
    """How the criteria stand, and what they advise."""
    met, wrong, unknown = (counts.get(state, 0) for state in (State.MET, State.NOT_MET, State.UNKNOWN))
    total = met + wrong + unknown
    words = [
        ngettext("%(met)d of %(total)d criterion is met.", "%(met)d of %(total)d criteria are met.", total)
        % {"met": met, "total": total}
    ]
    if wrong:
        words.append(ngettext("%(n)d is not met.", "%(n)d are not met.", wrong) % {"n": wrong})
    if unknown:
        words.append(ngettext("%(n)d is unknown.", "%(n)d are unknown.", unknown) % {"n": unknown})
    words.append(of_advice(advice))
    return " ".join(words)


def of_advice(advice: str) -> str:
    if advice == GateAdvice.GO:
        return gettext("The evidence advises to go.")
    if advice == GateAdvice.STOP:
        return gettext("The evidence advises to stop: machine learning is not the right tool.")
    return gettext("The evidence advises not to go yet.")


def of_delivery(phase: Phase, series: BurnUp) -> str:
    """How much of the scope is done, and when the rest is expected."""
    if phase.closed_at:
        closed = gettext("Closed on %(day)s.") % {"day": day(timezone.localdate(phase.closed_at))}
        return f"{closed} {_of_items(series)}"
    if phase.baseline_at is None:
        return gettext("The scope is not agreed yet.")
    return f"{_of_items(series)} {_of_end(series)}".strip()


def _of_items(series: BurnUp) -> str:
    total = series.scope[-1]
    words = ngettext(
        "%(done)d of %(total)d item of work is done.", "%(done)d of %(total)d items of work are done.", total
    )
    return words % {"done": series.done[-1], "total": total}


def _of_end(series: BurnUp) -> str:
    """The forecast of the end against the promise."""
    dates = {"promised": day(series.promised_on) if series.promised_on else gettext("no day")}
    if series.remaining <= 0:
        return gettext("It was promised for %(promised)s.") % dates
    if series.forecast is None:
        return gettext("The end cannot be forecast yet; promised for %(promised)s.") % dates
    if series.p50_on is None:
        return gettext("At the pace so far it takes more than ten years; promised for %(promised)s.") % dates
    words = gettext("At the pace so far it ends on %(end)s, promised for %(promised)s.")
    return words % {"end": day(series.p50_on), **dates}


def signed(change: int) -> str:
    """ "+3" or "−2", with the real minus."""
    return f"+{change}" if change > 0 else f"{MINUS}{-change}"
