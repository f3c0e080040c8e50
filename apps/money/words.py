"""What the money of a run says, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from apps.common.formats import change, quantity
from apps.common.translate import translate
from apps.compute.figures.money import by_threshold, tornado
from apps.compute.figures.theme import Figure
from apps.compute.messages import Message, gettext_noop
from apps.compute.money.formula import PRICE_NAMES, VOLUME_NAME, shown_price
from apps.compute.money.result import Effect, Estimate, MoneyResult
from apps.compute.results import Table

CELLS = {
    "tp": gettext_noop("hits"),
    "fn": gettext_noop("misses"),
    "fp": gettext_noop("false alarms"),
    "tn": gettext_noop("rightly let through"),
    "right": gettext_noop("right answers"),
    "wrong": gettext_noop("wrong answers"),
}


def worth(estimate: Estimate, currency: str) -> str:
    """ "€1.46 M (€1.31 M to €1.60 M)"."""
    return _with_ends(
        quantity(estimate.value, "money", estimate.low, estimate.high, currency), estimate, currency
    )


def gained(estimate: Estimate, currency: str) -> str:
    """ "+€212 k (€180 k to €244 k)"."""
    return _with_ends(
        change(estimate.value, "money", estimate.low, estimate.high, currency), estimate, currency
    )


def _with_ends(shown: str, estimate: Estimate, currency: str) -> str:
    if estimate.low is None or estimate.high is None:
        return shown
    low, high = (
        quantity(end, "money", estimate.low, estimate.high, currency) for end in (estimate.low, estimate.high)
    )
    return _("%(value)s (%(low)s to %(high)s)") % {"value": shown, "low": low, "high": high}


def lead(found: MoneyResult) -> list[str]:
    currency = found.currency
    said = [_("The decisions of a year are worth %(money)s.") % {"money": worth(found.money, currency)}]
    if found.baseline:
        words = (
            _("Over the baseline it gains %(gain)s a year."),
            _("The baseline earns more: the gain over it is %(gain)s a year."),
            _("Whether it earns more than the baseline is open: %(gain)s a year."),
        )
        said.append(_by_side(found.baseline.gain, *words) % {"gain": gained(found.baseline.gain, currency)})
    if found.over_process:
        words = (
            _("Over the present process it gains %(gain)s a year."),
            _("The present process earns more: the gain over it is %(gain)s a year."),
            _("Whether it earns more than the present process is open: %(gain)s a year."),
        )
        said.append(_by_side(found.over_process, *words) % {"gain": gained(found.over_process, currency)})
    return said


def _by_side(gain: Estimate, up: str, down: str, unknown: str) -> str:
    """By the side of 0 on which the whole interval lies."""
    if gain.low is not None and gain.low > 0:
        return up
    return down if gain.high is not None and gain.high < 0 else unknown


def threshold(found: MoneyResult) -> list[str]:
    """What the search for a better threshold found; nothing where there was none."""
    choice, currency = found.choice, found.currency
    if choice is None:
        return []
    tried = _(
        "One half of the rows chose the threshold %(threshold)s. On the other half, which did not choose, it "
        "brings %(money)s a year and calls %(called)s of the rows."
    ) % {
        "threshold": quantity(choice.threshold, "level"),
        "money": worth(choice.money, currency),
        "called": quantity(choice.called, "share"),
    }
    present = (
        _("the decisions of the file")
        if choice.present is None
        else _("the present threshold, %(threshold)s,") % {"threshold": quantity(choice.present, "level")}
    )
    against = _by_side(
        choice.gain,
        _("Over %(present)s it gains %(gain)s a year."),
        _("It earns less than %(present)s by %(gain)s a year."),
        _("That it earns more than %(present)s is not known: %(gain)s a year."),
    ) % {"present": present, "gain": gained(choice.gain, currency)}
    return [tried, against]


def break_even(found: MoneyResult, volume: float, spent: float) -> list[tuple[str, str]]:
    """When it pays: the question and its answer. ``volume`` are the decisions in a year."""
    even, currency = found.break_even, found.currency
    rows = [
        (_("Decisions in a year from which it pays"), _volume(found, volume)),
        (
            _("Most that running may cost a year"),
            worth(even.running_cost, currency)
            if (even.running_cost.value or 0) > 0
            else _("there is no gain even if running is free"),
        ),
    ]
    if spent:
        back = (
            _("never at this gain")
            if even.months.value is None
            else _number_with_ends(even.months, _("no end known"))
        )
        rows.append((_("Months until what was spent is back"), back))
    return rows


def _volume(found: MoneyResult, volume: float) -> str:
    enough = found.break_even.volume
    if enough.value is None:
        return _("no number is enough: each decision loses")
    if enough.value == 0:
        return _("from the first one") if (found.gain.value or 0) > 0 else _("none: nothing is gained")
    return _("%(enough)s; there are %(volume)s") % {
        "enough": _number_with_ends(enough, _("no end known")),
        "volume": quantity(volume, "count"),
    }


def _number_with_ends(found: Estimate, endless: str) -> str:
    unit = "count" if (found.value or 0) >= 100 else "number"
    shown = quantity(found.value, unit, found.low, found.high)
    if found.low is None:
        return shown
    high = endless if found.high is None else quantity(found.high, unit, found.low, found.high)
    low = quantity(found.low, unit, found.low, found.high)
    return _("%(value)s (%(low)s to %(high)s)") % {"value": shown, "low": low, "high": high}


def basis(found: MoneyResult) -> str:
    return {
        "baseline": _("Against the baseline, on the rows that both judged."),
        "process": _("Against the present process."),
        "nothing": _(
            "Against doing nothing: there is no baseline run on the same truth and no present process."
        ),
    }[found.basis]


def delay(found: MoneyResult) -> str:
    week = found.delay_per_week
    if week.n == 0:
        return _("%(money)s, as the price list says") % {"money": worth(week, found.currency)}
    if (week.value or 0) <= 0:
        return _("nothing: there is no gain to wait for")
    return _("%(money)s: a 52nd of the gain of a year") % {"money": worth(week, found.currency)}


def sensitivity(found: MoneyResult) -> Iterator[dict[str, str]]:
    """Each price that moves the money, the one that moves it most first."""
    moving = [effect for effect in found.effects if effect.halved != effect.doubled]
    for effect in sorted(moving, key=lambda each: -abs(each.doubled - each.halved)):
        yield {
            "name": _name(effect),
            "now": _price(effect, effect.price, found.currency),
            "adds": change(effect.per_year, "money", currency=found.currency),
            "halved": quantity(effect.halved, "money", currency=found.currency),
            "doubled": quantity(effect.doubled, "money", currency=found.currency),
            "turning": "" if effect.turning is None else _turning(effect, found.currency),
        }


def _turning(effect: Effect, currency: str) -> str:
    """Rounded to four digits: it rests on an estimate."""
    return _price(effect, float(f"{effect.turning:.4g}"), currency)


def _price(effect: Effect, value: float, currency: str) -> str:
    return translate(Message("%(price)s", {"price": shown_price(effect.name, value, currency)}))


def _name(effect: Effect) -> str:
    return _(VOLUME_NAME if effect.name == "volume_per_year" else PRICE_NAMES[effect.name])


def figures(found: MoneyResult) -> list[Figure]:
    """Those of the result, with the names of the prices in the reader's language."""
    drawn = [by_threshold(found)]
    if prices := tornado(found):
        columns = {**prices.table.columns, "price": [_(name) for name in prices.table.columns["price"]]}
        drawn.append(replace(prices, table=Table(columns)))
    return [figure for figure in drawn if figure is not None]


def cells(found: MoneyResult) -> list[tuple[str, int, str]]:
    """Where the amounts lie: the cell, its rows, and the sum of their amounts."""
    if found.amounts is None:
        return []
    rows = found.amounts.cells.rows("cell", "n", "amount")
    return [
        (_(CELLS[cell]), n, quantity(amount, "money", currency=found.currency)) for cell, n, amount in rows
    ]
