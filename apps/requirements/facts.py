"""Everything that the judging of one project reads, in a number of queries that does not grow with it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from apps.analysis.models import Analysis
from apps.compute.results import EvaluationResult, MetricResult
from apps.compute.value import VALUE_PER_YEAR, Prices, value_per_year
from apps.datasets.models import DatasetVersion
from apps.evaluations.models import MetricValue, Model, Run
from apps.jobs.models import State
from apps.requirements.measures import MONEY, prices_of
from apps.requirements.models import Evidence, Requirement, RequirementVersion, ValueCase


@dataclass(frozen=True, slots=True)
class RunFact:
    """A finished run, without its result. ``data`` is the content that it was judged on."""

    pk: int
    number: int
    name: str
    evaluated_at: datetime
    content: str  # SHA-256 of the predictions
    data: str  # SHA-256 of the truth file, or of the predictions when they carry the truth
    data_file: UUID
    task: str
    threshold: float | None
    is_baseline: bool
    is_named: bool  # of the baseline that the project names

    @property
    def age(self) -> tuple[datetime, str, int]:
        """Orders runs from the oldest to the newest evidence, the same whenever they arrive."""
        return self.evaluated_at, self.content, self.number


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of one run, overall or on one slice."""

    slice_value: str
    value: float | None
    low: float | None
    high: float | None
    n: int


Key = tuple[int, str, str]  # run, metric, slice column


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a project at ``now``. ``runs`` go from the newest evidence to the oldest."""

    project_id: int
    now: datetime
    requirements: list[Requirement]
    runs: list[RunFact]
    baseline_runs: list[RunFact]
    measured: Mapping[Key, list[Measured]]
    data_versions: Mapping[int, list[DatasetVersion]]  # of each data set, the newest first
    evidence: Mapping[int, Evidence]  # the newest of each requirement
    case: ValueCase | None
    #: Money per year of a run beyond what the baseline brings on the same data.
    values: dict[int, MetricResult | None] = field(default_factory=dict)
    #: Money per year of the baseline without the model's running cost, by content of the data.
    baseline_values: dict[str, MetricResult] = field(default_factory=dict)

    @property
    def prices(self) -> Prices | None:
        return prices_of(self.case) if self.case else None

    @property
    def currency(self) -> str:
        return self.case.currency if self.case else ""

    def contents(self, version: RequirementVersion) -> frozenset[str] | None:
        """The data that count for this version, as SHA-256; None when any data do."""
        if version.file is not None:
            return frozenset({version.file.sha256})
        if version.dataset_id is not None:
            newest = self.data_versions.get(version.dataset_id, [])[:1]
            return frozenset(v.file.sha256 for v in newest)
        return None

    def runs_on(self, version: RequirementVersion) -> Iterable[RunFact]:
        """Runs on the data of this version, the newest first."""
        contents = self.contents(version)
        return (run for run in self.runs if contents is None or run.data in contents)

    def measured_by(self, run: RunFact, version: RequirementVersion) -> list[Measured]:
        """What the run says of the version's metric: one number, or one for each slice."""
        if version.metric == VALUE_PER_YEAR.key:
            result = self.values.get(run.pk)
            if result is None:
                return []
            return [Measured("", result.value, result.low, result.high, result.n)]
        found = self.measured.get((run.pk, version.metric, version.slice_column), [])
        if version.slice_column and not version.every_slice:
            return [m for m in found if m.slice_value == version.slice_value]
        return found


def facts_of(project_id: int) -> Facts:
    requirements = list(
        Requirement.objects.filter(project=project_id).select_related("current__file", "current__dataset")
    )
    in_force = [r.current for r in requirements if r.withdrawn_at is None and r.current is not None]
    runs, baseline_runs = _runs(project_id)
    facts = Facts(
        project_id=project_id,
        now=timezone.now(),
        requirements=requirements,
        runs=runs,
        baseline_runs=baseline_runs,
        measured=_measured(project_id, in_force),
        data_versions=_data_versions(project_id),
        evidence={
            evidence.requirement_id: evidence
            for evidence in Evidence.objects.filter(project=project_id)
            .order_by("requirement_id", "-observed_at", "-pk")
            .distinct("requirement_id")
            .select_related("version")
        },
        case=ValueCase.objects.in_force(project_id).first(),
    )
    if facts.prices is not None:
        _add_money(facts, in_force, facts.prices)
    return facts


def _add_money(facts: Facts, versions: Collection[RequirementVersion], prices: Prices) -> None:
    """Fill in ``values`` and ``baseline_values``. The baseline has no running cost."""
    # On the same data the named baseline stays, and of its runs the newest.
    in_turn = sorted(facts.baseline_runs, key=lambda run: (run.is_named, run.age))
    baselines = {run.data: run for run in in_turn}
    money = money_of(_runs_in_money(facts, versions), prices)
    gross = money_of({run.pk for run in baselines.values()}, prices.of_baseline())
    for data, run in baselines.items():
        if (found := gross.get(run.pk)) is not None:
            facts.baseline_values[data] = found
    data_of = {run.pk: run.data for run in facts.runs}
    for pk, value in money.items():
        facts.values[pk] = beyond(value, facts.baseline_values.get(data_of[pk]))
    facts.values.update(_counted_by_row(facts))


def _counted_by_row(facts: Facts) -> dict[int, MetricResult | None]:
    """The money of runs from the analysis at the prices in force: beyond the baseline already, with an
    interval of the difference on the same rows. Nothing for a run that was not counted yet.
    """
    if facts.case is None:
        return {}
    runs = [run.pk for run in facts.runs]
    counted = Analysis.objects.filter(
        run=OuterRef("run"), kind=MONEY, params__case=facts.case.number, result__isnull=False
    )
    rows = MetricValue.objects.filter(
        Exists(counted), run__in=runs, metric=VALUE_PER_YEAR.key, slice_column="", slice_value=""
    )
    found = rows.values_list("run_id", "value", "low", "high", "n")
    return {pk: MetricResult(VALUE_PER_YEAR.key, value, low, high, n) for pk, value, low, high, n in found}


def beyond(value: MetricResult | None, baseline: MetricResult | None) -> MetricResult | None:
    """What a model brings more than the baseline, until both are counted row by row. Both intervals count, as
    if the runs were independent: on the same rows they vary together, so the truth is narrower.
    """
    if value is None or value.value is None or baseline is None or baseline.value is None:
        return value
    gain = value.value - baseline.value
    if value.low is None or value.high is None or baseline.low is None or baseline.high is None:
        return MetricResult(value.key, gain, n=value.n)
    down = math.hypot(value.value - value.low, baseline.high - baseline.value)
    up = math.hypot(value.high - value.value, baseline.value - baseline.low)
    return MetricResult(value.key, gain, gain - down, gain + up, value.n, value.method)


def _runs(project_id: int) -> tuple[list[RunFact], list[RunFact]]:
    """Finished runs of models and of baselines, each from the newest evidence to the oldest."""
    rows = (
        Run.objects.filter(project=project_id, job__state=State.SUCCEEDED)
        .annotate(
            data=F("truth__sha256"),
            own=F("file__sha256"),
            kind=F("model_version__model__kind"),
            named=F("model_version__model__baseline_of"),
        )
        .values_list(
            *("pk", "number", "name", "evaluated_at", "own", "data", "file_id", "truth_id", "task"),
            *("threshold", "kind", "named"),
        )
    )
    facts = [
        RunFact(
            pk=pk,
            number=number,
            name=name,
            evaluated_at=evaluated_at,
            content=own,
            data=data or own,
            data_file=truth_id or file_id,
            task=task,
            threshold=threshold,
            is_baseline=named is not None or kind == Model.Kind.BASELINE,
            is_named=named is not None,
        )
        for pk, number, name, evaluated_at, own, data, file_id, truth_id, task, threshold, kind, named in rows
    ]
    facts.sort(key=lambda run: run.age, reverse=True)
    return [run for run in facts if not run.is_baseline], [run for run in facts if run.is_baseline]


def _measured(project_id: int, versions: Collection[RequirementVersion]) -> Mapping[Key, list[Measured]]:
    """The numbers that the versions ask for, and no others."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for version in versions:
        if version.metric:
            wanted[version.slice_column].add(version.metric)
    chosen = Q(pk__in=())
    for column, metrics in wanted.items():
        chosen |= Q(slice_column=column, metric__in=metrics)
    rows = (
        MetricValue.objects.filter(chosen, run__project=project_id, run__job__state=State.SUCCEEDED)
        .order_by("slice_value")
        .values_list("run_id", "metric", "slice_column", "slice_value", "value", "low", "high", "n")
    )
    found: dict[Key, list[Measured]] = defaultdict(list)
    for run_id, metric, column, slice_value, value, low, high, n in rows:
        found[run_id, metric, column].append(Measured(slice_value, value, low, high, n))
    return found


def _data_versions(project_id: int) -> Mapping[int, list[DatasetVersion]]:
    versions: dict[int, list[DatasetVersion]] = defaultdict(list)
    in_force = DatasetVersion.objects.filter(project=project_id, state=DatasetVersion.State.IN_FORCE)
    for version in in_force.select_related("file").order_by("-number"):
        versions[version.dataset_id].append(version)
    return versions


def _runs_in_money(facts: Facts, versions: Collection[RequirementVersion]) -> set[int]:
    """The runs whose money is asked for: the newest, and the newest on the data of each version."""
    wanted = facts.runs[:1]
    for version in versions:
        if version.metric == VALUE_PER_YEAR.key:
            wanted += list(facts.runs_on(version))[:1]
            wanted += _on_earlier_data(facts, version)[:1]
    return {run.pk for run in wanted}


def _on_earlier_data(facts: Facts, version: RequirementVersion) -> list[RunFact]:
    """Runs on versions of the data set that were replaced, the newest first."""
    earlier = {v.file.sha256 for v in facts.data_versions.get(version.dataset_id or 0, [])[1:]}
    return [run for run in facts.runs if run.data in earlier]


def money_of(runs: Collection[int], prices: Prices) -> dict[int, MetricResult | None]:
    results = Run.objects.filter(pk__in=runs, result__isnull=False).values_list("pk", "result")
    return {
        pk: value_per_year(EvaluationResult.from_json(result), prices) for pk, result in results if result
    }
