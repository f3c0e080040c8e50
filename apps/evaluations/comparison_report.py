"""What the page of a comparison shows, made from its stored result: sentences, rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.common.formats import NO_VALUE, change, change_interval, interval, number, quantity
from apps.compute.comparison_result import ComparedMetric, ComparisonResult, Difference, Gain
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import MetricResult
from apps.evaluations.models import Run

LETTERS = "ABCDE"


@dataclass(frozen=True, slots=True)
class Column:
    """A run of the comparison. ``key`` is the class of its letter's colour."""

    letter: str
    run: Run
    is_baseline: bool
    left_out: int = 0  # rows that not all runs have

    @property
    def key(self) -> str:
        return self.letter.lower()


@dataclass(frozen=True, slots=True)
class Cell:
    """One run's value and, after the first run, its change: ``tone`` is up, down or same."""

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


@dataclass(frozen=True, slots=True)
class Setting:
    """``values`` has a text and whether it differs from the first run's, per run."""

    label: str
    values: Sequence[tuple[str, bool]]
    same: bool


def columns(runs: Sequence[Run], result: ComparisonResult | None = None) -> list[Column]:
    if result is None:
        return [Column(letter, run, False) for letter, run in zip(LETTERS, runs, strict=False)]
    return [
        Column(LETTERS[place], run, place == result.baseline, result.rows[place] - result.n)
        for place, run in enumerate(runs)
    ]


def metric_rows(result: ComparisonResult, shown: Sequence[Column]) -> list[MetricRow]:
    return [
        MetricRow(METRICS[each.key], _(METRICS[each.key].label), _cells(each, shown))
        for each in result.metrics
    ]


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
    return Cell(column, value, best, difference, tone, compared=compared, **said)


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
    """The numbers behind the lead, on which rows."""
    metric = METRICS[result.main]
    values = [
        _("%(run)s %(value)s")
        % {"run": column.run, "value": quantity(value.value, metric.unit, value.low, value.high)}
        for column, value in zip(shown, result.metric(result.main).values, strict=True)
        if value is not None
    ]
    rows = ngettext("Compared on the same %(rows)s row.", "Compared on the same %(rows)s rows.", result.n) % {
        "rows": number(result.n, 0)
    }
    return f"{rows} {_(metric.label)}: {', '.join(values)}."


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


# Settings

_SETTINGS: tuple[tuple[Any, Callable[[Run], str]], ...] = (
    (gettext_lazy("Name"), lambda run: run.name),
    (gettext_lazy("Model"), lambda run: run.model_version.model.name if run.model_version else ""),
    (gettext_lazy("Version"), lambda run: run.model_version.label if run.model_version else ""),
    (gettext_lazy("Code revision"), lambda run: run.code_revision),
    (gettext_lazy("Predictions"), lambda run: run.file.name),
    (gettext_lazy("Truth file"), lambda run: run.truth.name if run.truth else ""),
    (gettext_lazy("Rows"), lambda run: number(run.rows or 0, 0)),
    (gettext_lazy("Task"), lambda run: str(run.get_task_display())),
    (gettext_lazy("Positive class"), lambda run: run.positive),
    (
        gettext_lazy("Threshold"),
        lambda run: "" if run.threshold is None else quantity(run.threshold, "level"),
    ),
    (gettext_lazy("Random seed"), lambda run: str(run.seed)),
    (gettext_lazy("Evaluated"), lambda run: date_format(timezone.localtime(run.evaluated_at), "j E Y")),
    (gettext_lazy("Evaluation code"), lambda run: run.evaluation_version),
)


def settings(runs: Sequence[Run]) -> list[Setting]:
    """How the runs were made; what is empty in all of them is left out."""
    found = []
    for label, value_of in _SETTINGS:
        values = [value_of(run) for run in runs]
        if any(values):
            marked = [(value or NO_VALUE, value != values[0]) for value in values]
            found.append(Setting(str(label), marked, len(set(values)) == 1))
    return found
