"""How compared runs were made: what was set, and what their teams say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from apps.common.formats import NO_VALUE, number, quantity
from apps.evaluations.models import Run
from apps.evaluations.provenance import parameter_text

MOST_PARAMETERS = 200


@dataclass(frozen=True, slots=True)
class Setting:
    """``values`` has a text and whether it differs from the first run's, per run. ``is_parameter``: the team
    gave it, under this very name.
    """

    label: str
    values: Sequence[tuple[str, bool]]
    same: bool
    is_parameter: bool = False


_SETTINGS: tuple[tuple[Any, Callable[[Run], str]], ...] = (
    (gettext_lazy("Name"), lambda run: run.name),
    (gettext_lazy("Model"), lambda run: run.model_version.model.name if run.model_version else ""),
    (gettext_lazy("Version"), lambda run: run.model_version.label if run.model_version else ""),
    (gettext_lazy("Made from"), lambda run: str(run.parent) if run.parent else ""),
    (
        gettext_lazy("Training data"),
        lambda run: run.training.name if run.training else run.training_hash[:12],
    ),
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
    """How the runs were made, then their parameters; what is empty in all of them is left out."""
    found = [_setting(str(label), [value_of(run) for run in runs]) for label, value_of in _SETTINGS]
    names = list(dict.fromkeys(name for run in runs for name in run.parameters))[:MOST_PARAMETERS]
    found += [_setting(name, [_parameter(run, name) for run in runs], is_parameter=True) for name in names]
    return [setting for setting in found if any(value != NO_VALUE for value, _differs in setting.values)]


def _setting(label: str, values: Sequence[str], *, is_parameter: bool = False) -> Setting:
    marked = [(value or NO_VALUE, value != values[0]) for value in values]
    return Setting(label, marked, len(set(values)) == 1, is_parameter)


def _parameter(run: Run, name: str) -> str:
    return parameter_text(run.parameters[name]) if name in run.parameters else ""
