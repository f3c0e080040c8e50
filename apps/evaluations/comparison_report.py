"""What the page of a comparison shows, made from its stored result: sentences, rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.common.formats import NO_VALUE, change, change_interval, interval, number, quantity
from apps.compute.comparison_result import ComparedMetric, ComparisonResult, Difference, Gain, ties_of
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import MetricResult
from apps.evaluations.models import Run

LETTERS = "ABCDEFGHIJKLMNOPQRST"
#: Classes of the letters whose curves are drawn: the grey of the first run, and four colours.
COLOURS = "abcde"
#: What a test is called, by the key that the result carries.
METHODS = {
    "mcnemar": gettext_lazy("McNemar's exact test"),
    "delong": gettext_lazy("DeLong's test"),
    "delta": gettext_lazy("the rows' own differences"),
    "bootstrap": gettext_lazy("paired bootstrap of the rows"),
    "paired t": gettext_lazy("paired t-test over shared seeds"),
    "corrected resampled t": gettext_lazy("corrected resampled t-test over shared folds"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A run of the comparison. ``key`` is the class of its letter's colour: the run is drawn in it."""

    letter: str
    run: Run
    is_baseline: bool
    left_out: int = 0  # rows that not all runs have
    key: str = "more"

    @property
    def drawn(self) -> bool:
        return self.key != "more"


@dataclass(frozen=True, slots=True)
class Cell:
    """One run's value and, after the first run, its change: ``tone`` is up, down or same."""

    metric: Metric
    column: Column
    result: MetricResult | None
    best: bool
    difference: Difference | None
    tone: str
    change: str
    interval: str
    p: str
    compared: bool


@dataclass(frozen=True, slots=True)
class MetricRow:
    metric: Metric
    label: str
    cells: Sequence[Cell]
    method: str


@dataclass(frozen=True, slots=True)
class GainRow:
    metric: Metric
    label: str
    no_skill: float
    baseline: MetricResult
    best: MetricResult
    best_column: Column
    gain: Gain

    @property
    def interval(self) -> str:
        return interval(self.gain.low, self.gain.high, "share", self.gain.share)


def columns(
    runs: Sequence[Run], result: ComparisonResult | None = None, drawn: Sequence[str] = ()
) -> list[Column]:
    """The runs with their letters. ``drawn`` are the letters to draw; without any, the first run and those
    with the best main metric.
    """
    letters = LETTERS[: len(runs)]
    wanted = [letter for letter in letters if letter in drawn][: len(COLOURS)]
    keys = dict(zip(wanted or _first_drawn(letters, result), COLOURS, strict=False))
    baseline = None if result is None else result.baseline
    left_out = [0] * len(runs) if result is None else [rows - result.n for rows in result.rows]
    return [
        Column(letter, run, place == baseline, left_out[place], keys.get(letter, "more"))
        for place, (letter, run) in enumerate(zip(letters, runs, strict=True))
    ]


def _first_drawn(letters: str, result: ComparisonResult | None) -> list[str]:
    if result is None or len(letters) <= len(COLOURS):
        return list(letters[: len(COLOURS)])
    main = result.metric(result.main)
    order = ties_of(
        main.values, (None,) * (len(letters) * (len(letters) - 1) // 2), is_higher_better(main)
    ).order
    best = [letters[place] for place in order if place][: len(COLOURS) - 1]
    return [letters[0], *sorted(best)]


def is_higher_better(compared: ComparedMetric) -> bool:
    return bool(METRICS[compared.key].higher_is_better)


def metric_rows(
    result: ComparisonResult, shown: Sequence[Column], *, only_differences: bool = False
) -> list[MetricRow]:
    """``only_differences`` leaves out the metrics in which no two runs differ beyond doubt."""
    return [
        MetricRow(METRICS[each.key], _(METRICS[each.key].label), _cells(each, shown), _methods(each))
        for each in result.metrics
        if not only_differences or _differs(each)
    ]


def _differs(each: ComparedMetric) -> bool:
    tested = each.differences if each.pairs is None else each.pairs
    return any(found is not None and found.better is not None for found in tested)


def _methods(each: ComparedMetric) -> str:
    used = dict.fromkeys(found.method for found in each.differences if found is not None and found.method)
    return ", ".join(str(METHODS.get(method, method)) for method in used)


def _cells(each: ComparedMetric, shown: Sequence[Column]) -> list[Cell]:
    metric = METRICS[each.key]
    differences = (None, *each.differences)
    return [
        _cell(metric, column, value, differences[place], each.best == place, place > 0)
        for place, (column, value) in enumerate(zip(shown, each.values, strict=True))
    ]


def _cell(
    metric: Metric,
    column: Column,
    value: MetricResult | None,
    difference: Difference | None,
    best: bool,
    compared: bool,
) -> Cell:
    said = {"change": NO_VALUE, "interval": "", "p": ""}
    if difference is not None:
        ends = difference.low, difference.high
        said["change"] = change(difference.value, metric.unit, *ends)
        said["interval"] = change_interval(difference.value, *ends, metric.unit)
        if difference.corrected is not None:
            said["p"] = p_value(difference.corrected)
    tone = tone_of(difference, higher_is_better=bool(metric.higher_is_better))
    return Cell(metric, column, value, best, difference, tone, compared=compared, **said)


def tone_of(difference: Difference | None, *, higher_is_better: bool) -> str:
    """A change is good or bad only where its interval does not contain zero."""
    if difference is None or difference.low is None or difference.high is None:
        return "same"
    if difference.low <= 0 <= difference.high:
        return "same"
    return "up" if (difference.value > 0) is higher_is_better else "down"


def p_value(p: float) -> str:
    return f"p < {number(0.001, 3)}" if p < 0.001 else f"p = {number(p, 3)}"


# The first sentences


def lead(result: ComparisonResult, shown: Sequence[Column]) -> str:
    """Who wins by the main metric, or that nobody does."""
    main = result.metric(result.main)
    metric = METRICS[main.key]
    said: dict[str, Any] = {"metric": _(metric.label).lower(), "count": len(shown)}
    if main.best is None:
        if len(shown) == 2:
            return _("It is a tie: neither run has a better %(metric)s beyond doubt") % said
        return _("It is a tie: no run has a better %(metric)s than all others beyond doubt") % said
    said["run"] = shown[main.best].run
    if len(shown) > 2:
        return _("%(run)s is the best of the %(count)d: its %(metric)s beats all others beyond doubt") % said
    said["other"] = shown[1 - main.best].run
    return _("%(run)s beats %(other)s: its %(metric)s is better beyond doubt") % said


def evidence(result: ComparisonResult, shown: Sequence[Column]) -> str:
    """The numbers behind the lead, on which rows; of many runs those that are drawn."""
    metric = METRICS[result.main]
    values = [
        _("%(run)s %(value)s")
        % {"run": column.run, "value": quantity(value.value, metric.unit, value.low, value.high)}
        for column, value in zip(shown, result.metric(result.main).values, strict=True)
        if value is not None and column.drawn
    ]
    rows = ngettext("Compared on the same %(rows)s row.", "Compared on the same %(rows)s rows.", result.n) % {
        "rows": number(result.n, 0)
    }
    return f"{rows} {_(metric.label)}: {', '.join(values)}."


def baseline_sentence(result: ComparisonResult, shown: Sequence[Column]) -> str:
    """That the baseline without machine learning wins, or that nothing is won against it; empty where a model
    is better beyond doubt, or no baseline is among the runs.
    """
    main = result.metric(result.main)
    if result.baseline is None or main.pairs is None:
        return ""
    others = [place for place in range(len(shown)) if place != result.baseline]
    found = {place: main.pair(result.baseline, place) for place in others}
    better = {place: None if each is None else each.better for place, each in found.items()}
    if any(better.values()):
        return ""
    said = {
        "metric": _(METRICS[main.key].label).lower(),
        "runs": get_text_list([str(shown[place].run) for place in others], _("and")),
    }
    if all(each is False for each in better.values()):
        return (
            _("The baseline without machine learning is better than %(runs)s: its %(metric)s, beyond doubt")
            % said
        )
    return (
        _(
            "Nothing is won by %(runs)s: no better %(metric)s than the baseline without machine learning, as "
            "far as these rows tell"
        )
        % said
    )


def share_sentence(gain: GainRow) -> str:
    """What the baseline has of the possible gain, in one sentence."""
    share = gain.gain
    if share.share >= 1:
        return _("The baseline has all of the gain: no run is better than it")
    if share.share <= 0:
        return _("The baseline has nothing of the gain: it is no better than a constant answer")
    return _("The baseline already has %(share)s of the possible gain") % {
        "share": quantity(share.share, "share", share.low, share.high)
    }


def gain_rows(result: ComparisonResult, shown: Sequence[Column]) -> list[GainRow]:
    """The main metric first."""
    rows = []
    for each in sorted(result.metrics, key=lambda metric: metric.key != result.main):
        if each.gain is None or each.no_skill is None or result.baseline is None:
            continue
        baseline, best = each.values[result.baseline], each.values[each.gain.best]
        if baseline is not None and best is not None:
            metric, column = METRICS[each.key], shown[each.gain.best]
            rows.append(GainRow(metric, _(metric.label), each.no_skill, baseline, best, column, each.gain))
    return rows
