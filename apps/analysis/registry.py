"""The questions that can be put to the rows of a run: one record each.

Pages, the API and the worker read this list; an app above adds its own records when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS

if TYPE_CHECKING:
    from apps.evaluations.models import Run

Params = dict[str, Any]
#: Checks what was asked and returns it complete, or raises InputRejected.
Check = Callable[["Run", Params], Params]
#: From a metric, a column and a value of it (which may be "") to the parameters of the question that measures
#: the metric so, as rows of `MetricValue`; None for a metric that it does not measure.
Measures = Callable[[str, str, str], Params | None]


def measures_nothing(metric: str, column: str, value: str) -> Params | None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """``check`` completes the parameters. ``worker`` is "module:function" of the worker's side, which takes a
    `pipeline.Work` and returns a `pipeline.Outcome`. ``ask`` names the page of the form (project, run
    number), ``url`` that of an answer (project, run number, analysis id). ``tasks`` are the kinds of runs
    that can be asked, empty for all that an evaluation measures. ``measures`` finds the question for a metric
    of a requirement.
    """

    key: str
    label: str
    description: str
    check: Check
    worker: str
    ask: str
    url: str
    tasks: frozenset[str] = field(default_factory=frozenset)
    measures: Measures = measures_nothing

    def fits(self, task: str) -> bool:
        """Whether runs about this kind of problem can be asked."""
        return task in self.tasks if self.tasks else TASK_KINDS[Task(task)].measured

    def work(self) -> Callable[[Any], Any]:
        module, function = self.worker.split(":")
        found: Callable[[Any], Any] = getattr(import_module(module), function)
        return found


_KINDS: dict[str, Kind] = {}
#: By their keys, in the order in which they are offered.
KINDS: Mapping[str, Kind] = _KINDS


def register(kind: Kind) -> None:
    """Add a record. A key that is taken is a programming error (ValueError)."""
    if kind.key in _KINDS:
        raise ValueError(f"The kind {kind.key!r} is registered twice.")
    _KINDS[kind.key] = kind
