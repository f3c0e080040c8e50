"""What the ledger's page shows, made from a book: cards of totals and rows of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.formats import NO_VALUE, change, change_interval, money, number
from apps.common.translate import translate
from apps.compute.ledger import KIND_NAMES, Kind, Total
from apps.compute.metrics.registry import Metric
from apps.ledger.models import Change
from apps.ledger.reading import Book, Line


@dataclass(frozen=True, slots=True)
class Card:
    """The total of one kind of work. ``key`` is the class of its mark."""

    key: str
    label: str
    gain: str
    effort: str


@dataclass(frozen=True, slots=True)
class Row:
    """``tone`` is up, down or same; ``low``, ``high`` and ``value`` are drawn on the scale of the book."""

    change: Change
    kind: str
    label: str
    why: str
    gain: str
    interval: str
    tone: str
    value: float | None
    low: float | None
    high: float | None
    days: str
    cost: str
    dropped: bool


@dataclass(frozen=True, slots=True)
class Rows:
    rows: Sequence[Row]
    low: float
    high: float


def cards(found: Book, currency: str) -> list[Card]:
    if found.summary is None:
        return []
    kinds = {**found.summary.kept}
    known = [_card(kind, kinds[kind], found.metric, currency) for kind in Kind if kind in kinds]
    if len(found.summary.kept) > 1:
        known.append(_total("all", _("All kept changes"), found.summary.whole, found.metric, currency))
    return known


def _card(kind: Kind, total: Total, metric: Metric, currency: str) -> Card:
    return _total(kind.value, _(KIND_NAMES[kind]), total, metric, currency)


def _total(key: str, label: str, total: Total, metric: Metric, currency: str) -> Card:
    parts = [ngettext("%(count)d change", "%(count)d changes", total.count) % {"count": total.count}]
    if total.days is not None:
        parts.append(_("%(days)s days") % {"days": number(total.days, 1)})
    if total.cost is not None and currency:
        parts.append(money(total.cost, currency))
    rate = total.per_day
    if rate is not None:
        parts.append(_("%(gain)s per day") % {"gain": _signed(rate.value, metric, rate.low, rate.high)})
    return Card(key, label, _signed(total.gain, metric, total.low, total.high), ", ".join(parts))


def _signed(value: float, metric: Metric, low: float | None, high: float | None) -> str:
    """A gain as the change of the metric, which goes down where less is better."""
    if metric.higher_is_better:
        return change(value, metric.unit, low, high)
    ends = (None if high is None else -high, None if low is None else -low)
    return change(-value, metric.unit, *ends)


def rows(found: Book, currency: str) -> Rows:
    """Better is to the right, whatever the direction of the metric."""
    shown = [_row(line, found.metric, currency) for line in found.lines]
    ends = [end for row in shown for end in (row.low, row.high, row.value, 0.0) if end is not None]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    return Rows(shown, low, high if high > low else low + 1.0)


def _row(line: Line, metric: Metric, currency: str) -> Row:
    entry, written = line.entry, line.change
    kind = Kind(written.kind) if entry is None else entry.kind
    said = {"gain": NO_VALUE, "interval": _("not measured by this metric"), "tone": "same"}
    value = low = high = None
    if entry is not None:
        value, low, high = entry.gain, entry.low, entry.high
        said["gain"] = change(value, metric.unit, low, high)
        said["interval"] = change_interval(value, low, high, metric.unit) or _("no interval")
        said["tone"] = _tone(value, low, high, higher_is_better=bool(metric.higher_is_better))
    return Row(
        change=written,
        kind=kind.value,
        label=_(KIND_NAMES[kind]),
        why=translate(line.why) if line.why else written.source,
        value=value,
        low=low,
        high=high,
        days=NO_VALUE if written.days is None else number(written.days, 1),
        cost=NO_VALUE if written.cost is None or not currency else money(written.cost, currency),
        dropped=not written.kept or not line.on_chain,
        **said,
    )


def _tone(value: float, low: float | None, high: float | None, *, higher_is_better: bool) -> str:
    if low is None or high is None or low <= 0 <= high:
        return "same"
    return "up" if (value > 0) is higher_is_better else "down"
