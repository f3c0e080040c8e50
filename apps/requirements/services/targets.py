"""What a requirement may say: texts, targets that can be measured, loads that are possible."""

from __future__ import annotations

from collections.abc import Mapping

from apps.compute.messages import InputRejected, Message, Quantity, gettext_noop
from apps.compute.metrics.registry import Metric
from apps.compute.queueing import Load
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.compute.value import VALUE_PER_YEAR
from apps.evaluations.models import Run
from apps.projects.models import Project
from apps.requirements.measures import metric_of
from apps.requirements.models import RequirementVersion
from apps.requirements.services.checks import (
    MOST,
    MOST_MEASURED,
    check_choice,
    check_number,
    check_same_project,
    check_text,
    check_texts,
)
from apps.requirements.services.fields import RequirementFields

#: Parts of a quality scenario (Bass, Clements & Kazman), in the order of its sentence.
SCENARIO_PARTS: Mapping[str, str] = {
    "source": gettext_noop("source"),
    "stimulus": gettext_noop("stimulus"),
    "environment": gettext_noop("environment"),
    "response": gettext_noop("response"),
    "measure": gettext_noop("measure"),
}
MOST_PART = 300
#: Where a share may be above 1 (a percentage error), a limit above this is a slip of the unit.
MOST_SHARE = 5
MOST_DAYS = 3_650


def scenario_sentence(scenario: Mapping[str, str]) -> Message | None:
    """The scenario as a sentence: the source does the stimulus in the environment: the response, measured."""
    if not scenario:
        return None
    return Message(
        gettext_noop("%(source)s %(stimulus)s %(environment)s: %(response)s %(measure)s."),
        {part: scenario.get(part, "").strip().rstrip(".") for part in SCENARIO_PARTS},
    )


def check_requirement(project: Project, fields: RequirementFields) -> None:
    """Raise what is wrong with the fields, the first thing first."""
    check_texts(RequirementVersion, fields, required=("statement", "verification"))
    check_choice(RequirementVersion, "kind", fields.kind)
    check_choice(RequirementVersion, "priority", fields.priority)
    check_number(RequirementVersion, "max_age_days", fields.max_age_days, low=1, high=MOST_DAYS)
    _check_scenario(fields.scenario)
    _check_data(project, fields)
    _check_confidence(fields.confidence)
    if fields.metric:
        _check_target(project, fields)
    elif fields.comparison or fields.limit is not None or fields.slice_column or fields.every_slice:
        raise InputRejected(
            "no_metric",
            gettext_noop("A limit or a slice needs a metric. Choose the metric, or leave both out."),
        )
    _check_load(fields)


def _check_scenario(scenario: Mapping[str, str]) -> None:
    if not isinstance(scenario, Mapping) or not all(isinstance(part, str) for part in scenario.values()):
        raise InputRejected("odd_scenario", gettext_noop("A scenario is made of five texts."))
    if unknown := sorted(set(scenario) - set(SCENARIO_PARTS)):
        raise InputRejected(
            "unknown_scenario_part",
            gettext_noop("A scenario has no part “%(part)s”. Its parts are: %(parts)s."),
            part=unknown[0][:100],
            parts=", ".join(SCENARIO_PARTS),
        )
    for name, label in SCENARIO_PARTS.items():
        text = scenario.get(name, "")
        if scenario and not text.strip():
            raise InputRejected(
                "scenario_incomplete",
                gettext_noop("The scenario has no “%(part)s” yet. Fill in all five parts, or none."),
                part=Message(label),
            )
        if len(text) > MOST_PART:
            raise InputRejected(
                "text_too_long",
                gettext_noop("“%(field)s” has %(length)s characters; at most %(most)s fit. Shorten it."),
                field=Message(label),
                length=len(text),
                most=MOST_PART,
            )
        if "\0" in text:
            check_text(RequirementVersion, "statement", text)


def _check_data(project: Project, fields: RequirementFields) -> None:
    check_same_project(project, fields.dataset)
    check_same_project(project, fields.file)
    if fields.dataset is not None and fields.file is not None:
        raise InputRejected(
            "two_data",
            gettext_noop("Choose either a data set or one file, not both."),
        )


def _check_confidence(confidence: float) -> None:
    if not 0.5 <= confidence <= 0.9999:
        raise InputRejected(
            "confidence_out_of_range",
            gettext_noop("The confidence is between 0.5 and 0.9999; usual is 0.95. It is %(value)s."),
            value=confidence,
        )


def _check_target(project: Project, fields: RequirementFields) -> None:
    metric = metric_of(fields.metric)
    if metric is None:
        raise InputRejected(
            "unknown_metric",
            gettext_noop("The portal has no metric “%(metric)s”. Choose one of the list."),
            metric=fields.metric,
        )
    check_choice(RequirementVersion, "comparison", fields.comparison)
    most = MOST_MEASURED
    check_number(RequirementVersion, "limit", fields.limit, low=-most, high=most, required=True)
    assert fields.limit is not None  # noqa: S101  checked the line before
    _check_limit(metric, fields.limit)
    _check_task(project, metric)
    _check_slice(metric, fields)


def _check_limit(metric: Metric, limit: float) -> None:
    label = Message(metric.label)
    below = metric.low is not None and limit < metric.low
    above = metric.high is not None and limit > metric.high
    if metric.unit == "share" and (1 if metric.high == 1 else MOST_SHARE) < limit <= 100:
        raise InputRejected(
            "limit_in_percent",
            gettext_noop("%(metric)s is a share, and 1 means 100 %%: write %(share)s for %(limit)s %%."),
            metric=label,
            share=limit / 100,
            limit=limit,
        )
    if below or above:
        raise InputRejected(
            "limit_out_of_range",
            gettext_noop("%(metric)s lies between %(low)s and %(high)s; no run can ever reach %(limit)s."),
            metric=label,
            low="−∞" if metric.low is None else metric.low,
            high="∞" if metric.high is None else metric.high,
            limit=limit,
        )


def _check_task(project: Project, metric: Metric) -> None:
    tasks = set(
        Run.objects.filter(project=project).exclude(task="").values_list("task", flat=True).distinct()
    )
    if tasks and not tasks & {task.value for task in metric.tasks}:
        raise InputRejected(
            "metric_does_not_fit",
            gettext_noop(
                "The runs of this project are of %(task)s, and no such run has the metric “%(metric)s”. "
                "Choose a metric of this task."
            ),
            task=Message(TASK_KINDS[Task(min(tasks))].name),
            metric=Message(metric.label),
        )


def _check_slice(metric: Metric, fields: RequirementFields) -> None:
    if metric.of_groups:
        _check_groups(metric, fields)
        return
    if fields.every_slice and fields.slice_value:
        raise InputRejected(
            "two_slices", gettext_noop("Choose one value of the column or every slice, not both.")
        )
    if (fields.every_slice or fields.slice_value) and not fields.slice_column:
        raise InputRejected("no_slice_column", gettext_noop("Name the column that makes the slices."))
    if fields.slice_column and not (fields.every_slice or fields.slice_value):
        raise InputRejected(
            "no_slice_value",
            gettext_noop("Name the value of “%(slice)s” that counts, or choose every slice."),
            slice=fields.slice_column,
        )
    if fields.slice_column and (metric is VALUE_PER_YEAR or not metric.headline):
        raise InputRejected(
            "not_by_slice",
            gettext_noop("“%(metric)s” is not measured by slice. Choose another metric or all rows."),
            metric=Message(metric.label),
        )


def _check_groups(metric: Metric, fields: RequirementFields) -> None:
    """The metric looks at all groups of a column itself; a value only names a setting of its protocol."""
    if not fields.slice_column:
        raise InputRejected(
            "no_slice_column",
            gettext_noop("“%(metric)s” compares groups. Name the column that makes them."),
            metric=Message(metric.label),
        )
    if fields.every_slice:
        raise InputRejected(
            "two_slices",
            gettext_noop("“%(metric)s” looks at all groups already. Leave “every slice” out."),
            metric=Message(metric.label),
        )


def _check_load(fields: RequirementFields) -> None:
    check_number(RequirementVersion, "batch_size", fields.batch_size, low=1, high=MOST)
    check_number(RequirementVersion, "concurrency", fields.concurrency, low=1, high=MOST)
    check_number(RequirementVersion, "call_ms", fields.call_ms, low=0.001, high=1e9)
    load = Load(fields.batch_size, fields.concurrency, fields.call_ms)
    most = load.throughput
    if fields.metric == "throughput" and fields.comparison == "at_least" and most is not None:
        assert fields.limit is not None  # noqa: S101  of a checked target
        if most < fields.limit:
            raise InputRejected(
                "load_impossible",
                gettext_noop(
                    "%(concurrency)s × %(batch)s rows in flight and %(call)s a call give at most %(most)s; "
                    "%(limit)s are asked for. Allow more calls side by side, larger batches or shorter calls."
                ),
                concurrency=fields.concurrency,
                batch=fields.batch_size,
                call=Quantity(fields.call_ms, "ms"),
                most=Quantity(most, "per_second"),
                limit=Quantity(fields.limit, "per_second"),
            )
