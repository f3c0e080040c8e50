"""The kinds of problem that a run can be about: one record each, which pages, the API and forms read.

A record names the module that judges; only a worker imports it (`judging`). Such a module has two functions:

``judge(inputs, weight, *, positive, threshold, seed) -> Judged``
    the arrays of one file, checked;
``together(names, runs, weight, seed) -> (runs, Pairs)``
    runs on the same rows, which can then be compared two at a time. InputRejected where they cannot: other
    true values, other classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from apps.compute.messages import gettext_noop
from apps.compute.results import Task


@dataclass(frozen=True, slots=True)
class TaskKind:
    """``label`` is a heading, ``name`` stands inside a sentence. ``main`` is the metric that says in one
    number how good a run is, ``listed`` those by which runs are told apart in a list. ``sentence`` says the
    main metric: %(metric)s, %(value)s, %(interval)s, %(rows)s. ``classes``: truth and prediction are names of
    classes, whatever their type. A kind that is not ``measured`` has no metrics of its own, so that neither
    comparisons nor monitors take it.
    """

    key: Task
    label: str
    name: str
    main: str
    listed: tuple[str, ...]
    sentence: str
    module: str
    figures: str
    classes: bool = False
    measured: bool = True

    def judging(self) -> Any:
        """The module that judges runs of this kind; heavy, for workers."""
        return import_module(self.module)

    def drawing(self) -> Any:
        """The module whose ``figures(result)`` draws the report."""
        return import_module(self.figures)


_RIGHT = gettext_noop("Right in %(value)s of %(rows)s rows (%(interval)s).")
_OFF = gettext_noop("Off by %(value)s on average over %(rows)s rows (%(interval)s).")
_METRIC = gettext_noop("%(metric)s is %(value)s over %(rows)s rows (%(interval)s).")

_KINDS = (
    TaskKind(
        Task.BINARY,
        gettext_noop("Binary classification"),
        gettext_noop("binary classification"),
        "accuracy",
        ("accuracy", "roc_auc", "f1"),
        _RIGHT,
        "apps.compute.tasks.binary",
        "apps.compute.figures.binary",
        classes=True,
    ),
    TaskKind(
        Task.MULTICLASS,
        gettext_noop("Multiclass classification"),
        gettext_noop("multiclass classification"),
        "accuracy",
        ("accuracy", "f1_macro", "log_loss"),
        _RIGHT,
        "apps.compute.tasks.multiclass",
        "apps.compute.figures.multiclass",
        classes=True,
    ),
    TaskKind(
        Task.REGRESSION,
        gettext_noop("Regression"),
        gettext_noop("regression"),
        "mae",
        ("mae", "rmse", "r2"),
        _OFF,
        "apps.compute.tasks.regression",
        "apps.compute.figures.regression",
    ),
    TaskKind(
        Task.RANKING,
        gettext_noop("Ranking"),
        gettext_noop("ranking"),
        "ndcg_at_10",
        ("ndcg_at_10", "mrr", "query_recall_at_10"),
        _METRIC,
        "apps.compute.tasks.ranking",
        "apps.compute.figures.ranking",
    ),
    TaskKind(
        Task.FORECAST,
        gettext_noop("Forecast"),
        gettext_noop("forecast"),
        "mae",
        ("mae", "mase", "series_smape"),
        _OFF,
        "apps.compute.tasks.forecast",
        "apps.compute.figures.forecast",
    ),
    TaskKind(
        Task.MULTILABEL,
        gettext_noop("Multi-label classification"),
        gettext_noop("multi-label classification"),
        "label_f1_micro",
        ("label_f1_micro", "label_f1_macro", "exact_match"),
        _METRIC,
        "apps.compute.tasks.multilabel",
        "apps.compute.figures.multilabel",
    ),
    TaskKind(
        Task.MULTIOUTPUT,
        gettext_noop("Regression of several outputs"),
        gettext_noop("regression of several outputs"),
        "outputs_r2",
        ("outputs_r2", "outputs_mae", "outputs_rmse"),
        _METRIC,
        "apps.compute.tasks.multioutput",
        "apps.compute.figures.multioutput",
    ),
    TaskKind(
        Task.COUNT,
        gettext_noop("Counts of events"),
        gettext_noop("counts of events"),
        "poisson_deviance",
        ("poisson_deviance", "poisson_d2", "mae"),
        _METRIC,
        "apps.compute.tasks.count",
        "apps.compute.figures.count",
    ),
    TaskKind(
        Task.PROBABILISTIC,
        gettext_noop("Probabilistic regression"),
        gettext_noop("probabilistic regression"),
        "crps",
        ("crps", "coverage_90", "mae"),
        _METRIC,
        "apps.compute.tasks.probabilistic",
        "apps.compute.figures.probabilistic",
    ),
    TaskKind(
        Task.PROTOCOL,
        gettext_noop("Judged by named protocols alone"),
        gettext_noop("data that named protocols judge"),
        "",
        (),
        "",
        "apps.compute.tasks.protocol",
        "apps.compute.tasks.protocol",
        measured=False,
    ),
)

#: By their keys, in the order in which they are offered.
TASK_KINDS: Mapping[Task, TaskKind] = {kind.key: kind for kind in _KINDS}
