"""The ledger of one chain of work: its changes as entries, their totals, and what they advise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.analysis.models import Analysis
from apps.compute import ledger
from apps.compute.comparison_result import ComparedMetric, ComparisonResult
from apps.compute.ledger import Entry, Kind, Summary
from apps.compute.ledger_advice import advice
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import MetricResult, Task
from apps.compute.tasks import TASK_KINDS
from apps.evaluations.models import Comparison
from apps.ledger.models import Change
from apps.ledger.services import facts_of
from apps.projects.models import Project

#: Of a chain, the newest changes; of those beside it the same number.
MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A change with its gain. ``entry`` is None while its comparison is under way or could not be made.

    ``on_chain``: a step from the first model to the last that was kept. ``why`` says what the kind rests on.
    """

    change: Change
    entry: Entry | None
    on_chain: bool
    why: Message | None


@dataclass(frozen=True, slots=True)
class Book:
    """One ledger. ``start`` is the metric of the first model; ``subjects`` and ``metrics`` may be chosen."""

    subject: str
    subjects: Sequence[str]
    metric: Metric
    metrics: Sequence[Metric]
    lines: Sequence[Line]
    start: float | None
    names: tuple[Message | str, Message | str]
    summary: Summary | None
    advice: Sequence[Message]

    @property
    def entries(self) -> list[Entry]:
        return [line.entry for line in self.lines if line.entry is not None]

    @property
    def unit(self) -> str:
        """Of gains: the difference of two shares is told in points."""
        return "points" if self.metric.unit == "share" else self.metric.unit


def changes_of(project: Project) -> QuerySet[Change]:
    return (
        Change.objects.filter(project=project)
        .select_related(
            "run__model_version__model", "parent", "comparison__job", "run__training", "parent__training"
        )
        .defer("run__result", "parent__result")
    )


def book(project: Project, *, subject: str = "", metric: str = "") -> Book | None:
    """The ledger of a subject (by default the first one that has changes) by a metric (by default the main
    one of its runs, or that of its newest change). None for a project without changes.
    """
    changes = list(changes_of(project))
    subjects = list(dict.fromkeys(change.subject for change in changes))
    if not subjects:
        return None
    chosen = subject if subject in subjects else subjects[0]
    mine = [change for change in changes if change.subject == chosen]
    metrics = _metrics(mine)
    record = next((known for known in metrics if known.key == metric), metrics[0])
    return _book(project, chosen, subjects, mine, metrics, record)


def _metrics(changes: Sequence[Change]) -> list[Metric]:
    """Those that the changes can be told by: the main one first."""
    keys: list[str] = []
    for change in changes:
        if change.run is None:
            keys.append(change.metric)
        elif change.run.task:
            kind = TASK_KINDS[Task(change.run.task)]
            keys += [kind.main, *kind.listed]
    return [METRICS[key] for key in dict.fromkeys(keys) if key in METRICS]


def _book(
    project: Project,
    subject: str,
    subjects: Sequence[str],
    changes: Sequence[Change],
    metrics: Sequence[Metric],
    metric: Metric,
) -> Book:
    chain = _chain(changes)
    results = _results(changes, chain)
    lines = [_line(change, metric, results, chain) for change in changes[-MOST_CHANGES:]]
    lines.sort(key=lambda line: (not line.on_chain, line.change.pk))
    entries = [line.entry for line in lines if line.entry is not None]
    found = None
    if entries:
        whole = _end_to_end(chain, metric, results)
        found = ledger.summary(entries, bool(metric.higher_is_better), end_to_end=whole)
    noise = _label_noise(project)
    return Book(
        subject=subject,
        subjects=subjects,
        metric=metric,
        metrics=metrics,
        lines=lines,
        start=_start(chain, lines, metric, results),
        names=_names(chain),
        summary=found,
        advice=advice(found, unit="points" if metric.unit == "share" else metric.unit, label_noise=noise)
        if found
        else (),
    )


def _chain(changes: Sequence[Change]) -> list[Change]:
    """The way from the first model to the last: of runs, the parents of the newest kept one; of changes
    measured elsewhere, all that were kept.
    """
    of_runs = {change.run_id: change for change in changes if change.run_id is not None}
    kept = [change for change in changes if change.kept]
    newest = next((change for change in reversed(kept) if change.run_id is not None), None)
    if newest is None:
        return kept
    way = [newest]
    while (before := of_runs.get(way[-1].parent_id or 0)) is not None and before not in way:
        way.append(before)
    return way[::-1]


Results = Mapping[tuple[int, int], ComparisonResult]


def _results(changes: Sequence[Change], chain: Sequence[Change]) -> Results:
    """Finished comparisons by the two runs that they compare, in one query."""
    pairs: set[tuple[int | None, int | None]] = {
        (change.parent_id, change.run_id) for change in changes if change.run_id is not None
    }
    if len(chain) > 1 and chain[0].run_id is not None:
        pairs.add((chain[0].parent_id, chain[-1].run_id))
    wanted = [list(pair) for pair in pairs if None not in pair]
    rows = Comparison.objects.filter(run_ids__in=wanted, result__isnull=False).values_list(
        "run_ids", "result"
    )
    return {(ids[0], ids[1]): ComparisonResult.from_json(result) for ids, result in rows if result}


def _compared(
    results: Results, first: int | None, second: int | None, metric: Metric
) -> ComparedMetric | None:
    result = results.get((first or 0, second or 0))
    if result is None:
        return None
    return next((found for found in result.metrics if found.key == metric.key), None)


def _line(change: Change, metric: Metric, results: Results, chain: Sequence[Change]) -> Line:
    on_chain = change in chain
    kept = change.kept and on_chain
    if change.is_stated or change.run is None or change.parent is None:
        if change.metric != metric.key or change.before is None or change.after is None:
            return Line(change, None, on_chain, None)
        gain = change.after - change.before
        return Line(change, _entry(change, Kind(change.kind), gain, None, None, kept, False), on_chain, None)
    classified = ledger.classify(facts_of(change.parent), facts_of(change.run))
    found = _compared(results, change.parent_id, change.run_id, metric)
    difference = found.differences[0] if found else None
    if difference is None:
        return Line(change, None, on_chain, classified.sentence)
    entry = _entry(change, classified.kind, difference.value, difference.low, difference.high, kept, True)
    return Line(change, entry, on_chain, classified.sentence)


def _entry(
    change: Change, kind: Kind, gain: float, low: float | None, high: float | None, kept: bool, measured: bool
) -> Entry:
    return Entry(
        title=change.title,
        kind=kind,
        gain=gain,
        low=low,
        high=high,
        days=change.days,
        cost=change.cost,
        kept=kept,
        measured=measured,
    )


def _end_to_end(chain: Sequence[Change], metric: Metric, results: Results) -> Entry | None:
    """The last model against the first, measured directly."""
    if len(chain) < 2:
        return None
    found = _compared(results, chain[0].parent_id, chain[-1].run_id, metric)
    difference = found.differences[0] if found else None
    if difference is None:
        return None
    return Entry("", Kind.UNKNOWN, difference.value, difference.low, difference.high)


def _start(chain: Sequence[Change], lines: Sequence[Line], metric: Metric, results: Results) -> float | None:
    if not chain:
        return None
    first = chain[0]
    if first.is_stated:
        return first.before
    found = _compared(results, first.parent_id, first.run_id, metric)
    value = found.values[0] if found else None
    return value.value if value else None


def _names(chain: Sequence[Change]) -> tuple[Message | str, Message | str]:
    if not chain or chain[0].parent is None or chain[-1].run is None:
        return Message(gettext_noop("Before")), Message(gettext_noop("After"))
    return str(chain[0].parent), str(chain[-1].run)


def _label_noise(project: Project) -> Quantity | None:
    """The newest estimate of wrong labels, as a share."""
    rows = Analysis.objects.filter(project=project, kind="faults", result__isnull=False)
    found = rows.values_list("result__errors", "result__n").first()
    errors, n = found or (None, 0)
    if not errors or not n:
        return None
    result = MetricResult.from_json(errors)
    value, low, high = (None if end is None else end / n for end in (result.value, result.low, result.high))
    return Quantity(value, "share", low, high)
