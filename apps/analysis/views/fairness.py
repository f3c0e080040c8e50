"""Fairness: asking for it, and groups against each other."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.analysis.forms import FairnessForm
from apps.analysis.kinds import fairness as kind
from apps.analysis.views.base import AnswerPage, AskPage
from apps.common.formats import interval, quantity
from apps.compute.comparison_result import ALPHA
from apps.compute.fairness_result import Fairness
from apps.compute.figures.fairness import rates
from apps.compute.metrics.registry import METRICS
from apps.compute.results import MetricResult, Task

#: Rates of the table, with their words, by task.
_BINARY = {
    "selection_rate": gettext_noop("Selected"),
    "tpr": gettext_noop("Found (recall)"),
    "fpr": gettext_noop("False alarms"),
    "precision": gettext_noop("Precision"),
    "accuracy": gettext_noop("Accuracy"),
}
RATES = {
    Task.BINARY: _BINARY,
    Task.MULTICLASS: {"accuracy": _BINARY["accuracy"]},
    Task.REGRESSION: {
        "mean_error": gettext_noop("Mean error"),
        "mae": gettext_noop("Mean absolute error"),
    },
}
#: The question that comes first: which difference the lead speaks of.
_FIRST = {
    Task.BINARY: "demographic_parity_difference",
    Task.MULTICLASS: "accuracy_difference",
    Task.REGRESSION: "mae_difference",
}


class AskFairness(AskPage):
    kind = kind.KEY
    form_class = FairnessForm


class FairnessAnswer(AnswerPage):
    kind = kind.KEY
    answer_template = "analysis/fairness.html"

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        found, task = Fairness.from_json(result), Task(self.run.task)
        labels = RATES[task]
        unit = "target" if task is Task.REGRESSION else "share"
        return {
            "found": found,
            "column": self.analysis.params["column"],
            "lead": _lead(found, task),
            "labels": list(labels.values()),
            "unit": unit,
            "groups": [
                {"name": group.name, "n": group.n, "rates": [group.rate(key) for key in labels]}
                for group in found.groups
            ],
            "overall": [rate for key in labels for rate in found.overall if rate.key == key],
            "metrics": [_metric(found, metric) for metric in found.metrics],
            "figure": rates(found, ("accuracy",) if task is Task.MULTICLASS else tuple(_BINARY)[:3]),
            "is_binary": task is Task.BINARY,
        }


def _lead(found: Fairness, task: Task) -> list[str]:
    differing = [test.key for test in found.tests if test.corrected < ALPHA]
    first = found.metric(_FIRST[task])
    words = {
        Task.BINARY: _("Groups are selected at rates up to %(value)s apart (%(interval)s)."),
        Task.MULTICLASS: _("The accuracies of the groups are up to %(value)s apart (%(interval)s)."),
        Task.REGRESSION: _(
            "The mean absolute errors of the groups are up to %(value)s apart (%(interval)s)."
        ),
    }[task]
    unit = METRICS[first.key].unit
    said = []
    if first.value is not None:
        points = "points" if unit == "share" else unit
        said.append(
            words
            % {
                "value": quantity(first.value, points, first.low, first.high),
                "interval": interval(first.low, first.high, unit, first.value),
            }
        )
    if not found.tests:
        said.append(_("Too few rows to say whether groups differ."))
    elif not differing:
        said.append(_("No difference between the groups is beyond chance."))
    else:
        names = ", ".join(_(METRICS[f"{key}_difference"].label).lower() for key in differing)
        said.append(_("Beyond chance: %(names)s.") % {"names": names})
    return said


def _metric(found: Fairness, metric: MetricResult) -> dict[str, Any]:
    record = METRICS[metric.key]
    family = metric.key.rpartition("_")[0]
    test = next((test for test in found.tests if test.key == family), None)
    state, word = _verdict(metric, test.corrected if test else None)
    return {"metric": record, "label": _(record.label), "result": metric, "state": state, "word": word}


def _verdict(metric: MetricResult, p: float | None) -> tuple[str, str]:
    """A light and its word. A difference beyond chance is a warning and not a fault: how much is too much is
    for a requirement to say.
    """
    if metric.value is None or p is None:
        return "none", _("Cannot be said")
    if p < ALPHA:
        return "warn", _("Groups differ beyond chance")
    return "ok", _("May be chance")
