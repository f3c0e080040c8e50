"""What the metrics of several protocols have in common; they are measured only where one is asked for."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric
from apps.compute.results import Task

NEEDS = frozenset({"protocol"})
PROTOCOL = frozenset({Task.PROTOCOL})
CLASSES = frozenset({Task.PROTOCOL, Task.BINARY, Task.MULTICLASS})
NUMBERS = frozenset({Task.PROTOCOL, Task.REGRESSION})
BOTH = CLASSES | NUMBERS

share = partial(Metric, tasks=PROTOCOL, higher_is_better=True, unit="share", needs=NEEDS, by_analysis=True)
score = partial(share, unit="score")
correlation = partial(score, low=-1.0)
error = partial(
    Metric, tasks=PROTOCOL, higher_is_better=False, unit="target", needs=NEEDS, high=None, by_analysis=True
)

CORRELATION = gettext_noop(
    "A correlation does not see a wrong level or a wrong spread: predictions that are all twice too large "
    "are perfect."
)
