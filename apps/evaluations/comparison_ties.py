"""Who stands where in a comparison, as far as the tests of all pairs say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from apps.common.formats import NO_VALUE, change, change_interval
from apps.compute.comparison_result import ComparedMetric
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import MetricResult
from apps.compute.ties import Pair, Ties
from apps.evaluations.comparison_report import METHODS, Column, is_higher_better, p_value, tone_of


@dataclass(frozen=True, slots=True)
class Standing:
    """One run: ``place`` is a text such as "1 to 3", ``alike`` are those it cannot be told apart from."""

    column: Column
    place: str
    result: MetricResult | None
    alike: Sequence[Column]


@dataclass(frozen=True, slots=True)
class PairCell:
    """The row's run minus the column's; ``address`` is the query of their flips. Empty on the diagonal."""

    change: str = ""
    interval: str = ""
    p: str = ""
    tone: str = "same"
    flips: str = ""


@dataclass(frozen=True, slots=True)
class TiesShown:
    """``groups`` are sentences, ``rows`` the runs in order of their value, ``matrix`` every two runs."""

    metric: Metric
    title: str
    groups: Sequence[str]
    rows: Sequence[Standing]
    matrix: Sequence[tuple[Column, Sequence[PairCell]]]
    method: str
    tests: int


def ties_shown(compared: ComparedMetric, shown: Sequence[Column]) -> TiesShown | None:
    """None where a result did not test all pairs."""
    metric = METRICS[compared.key]
    found = compared.ties(higher_is_better=is_higher_better(compared))
    if found is None or compared.pairs is None:
        return None
    methods = dict.fromkeys(pair.method for pair in compared.pairs if pair is not None and pair.method)
    unranked = [place for place in range(len(shown)) if place not in found.order]
    return TiesShown(
        metric=metric,
        title=_title(found, shown, _(metric.label).lower()),
        groups=[_sentence(found, group, shown) for group in found.groups],
        rows=[_standing(compared, found, place, shown) for place in (*found.order, *unranked)],
        matrix=[
            (column, [_cell(compared, metric, row, other, shown) for other in range(len(shown))])
            for row, column in enumerate(shown)
        ],
        method=", ".join(str(METHODS.get(method, method)) for method in methods),
        tests=sum(pair is not None and pair.p is not None for pair in compared.pairs),
    )


def _title(found: Ties, shown: Sequence[Column], metric: str) -> str:
    first = [str(shown[place].run) for place in (found.groups[0] if found.groups else ())]
    if len(first) == 1:
        return _("%(run)s is first by %(metric)s") % {"run": first[0], "metric": metric}
    if len(first) in (0, len(shown)):
        return _("The runs cannot be told apart by %(metric)s") % {"metric": metric}
    return _("First by %(metric)s is a tie of %(runs)s") % {
        "metric": metric,
        "runs": get_text_list(first, _("and")),
    }


def _sentence(found: Ties, group: Sequence[int], shown: Sequence[Column]) -> str:
    letters = ", ".join(shown[place].letter for place in group)
    spots = found.spots(group)
    if len(group) == 1:
        return _("Place %(place)s: %(runs)s") % {"place": spots[0], "runs": letters}
    together = spots[-1] - spots[0] == len(spots) - 1
    place = _range(spots[0], spots[-1]) if together else ", ".join(map(str, spots))
    return _("Places %(place)s: tie of %(runs)s") % {"place": place, "runs": letters}


def _range(low: int, high: int) -> str:
    return str(low) if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _standing(compared: ComparedMetric, found: Ties, place: int, shown: Sequence[Column]) -> Standing:
    spots: Pair | None = found.places[place]
    together = {other for group in found.groups if place in group for other in group} - {place}
    alike = [shown[other] for other in found.order if other in together]
    return Standing(shown[place], _range(*spots) if spots else NO_VALUE, compared.values[place], alike)


def _cell(
    compared: ComparedMetric, metric: Metric, row: int, other: int, shown: Sequence[Column]
) -> PairCell:
    if row == other:
        return PairCell()
    difference = compared.pair(other, row)
    flips = f"a={shown[other].letter}&b={shown[row].letter}"
    if difference is None:
        return PairCell(NO_VALUE, flips=flips)
    ends = difference.low, difference.high
    known = difference.better is not None
    return PairCell(
        change=change(difference.value, metric.unit, *ends),
        interval=change_interval(difference.value, *ends, metric.unit),
        p="" if difference.corrected is None else p_value(difference.corrected),
        tone=tone_of(difference, higher_is_better=is_higher_better(compared)) if known else "same",
        flips=flips,
    )
