"""The worker's side: from the rows of a run to money per year."""

from __future__ import annotations

from apps.analysis.pipeline import Measured, Outcome, Work
from apps.compute.aligned import Side
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.money.judge import judge_money
from apps.compute.money.result import MoneyResult
from apps.compute.results import Task
from apps.datasets.pipeline import part
from apps.evaluations.comparisons import is_baseline
from apps.evaluations.models import Run
from apps.evaluations.pipeline import table_of
from apps.money.kinds import check
from apps.requirements.measures import prices_of
from apps.requirements.models import ValueCase

_COUNTING = Message(gettext_noop("Counting the money row by row"))
_LEFT_OUT = gettext_noop("The baseline, run %(number)d, could not be held against this run. %(reason)s")


def count_money(work: Work) -> Outcome:
    """The result is a `MoneyResult`; requirements in money can use it as long as its prices are in force."""
    case = ValueCase.objects.get(project=work.run.project_id, number=work.params["case"])
    baseline = _baseline(work)
    work.progress(_COUNTING, 0.4)
    notes: tuple[Message, ...] = ()
    try:
        found = _judge(work, case, baseline)
    except InputRejected as error:
        if baseline is None:
            raise
        found = _judge(work, case, None)
        left_out = Message(_LEFT_OUT, {"number": work.params["baseline"], "reason": error.message})
        notes = (left_out,)
    result = found.to_json()
    result["notes"] += [note.to_json() for note in notes]
    return Outcome(result, measured=[Measured(found.metric())] if _is_current(work) else [])


def _is_current(work: Work) -> bool:
    try:
        return check(work.run, {}) == work.params
    except InputRejected:
        return False


def _baseline(work: Work) -> Side | None:
    number = work.params["baseline"]
    if number is None:
        return None
    run = Run.objects.select_related("project", "file", "truth").get(
        project=work.run.project_id, number=number
    )
    table = table_of(run, work.folder / "baseline.parquet", part(work.progress, 0.0, 0.4))
    return Side(_name(run), table.path, table.roles, run.positive or None, run.threshold)


def _name(run: Run) -> Message:
    return Message(gettext_noop("run %(number)d"), {"number": run.number})


def _judge(work: Work, case: ValueCase, baseline: Side | None) -> MoneyResult:
    run, prices = work.run, prices_of(case)
    return judge_money(
        work.table.path,
        work.table.roles,
        Task(run.task),
        prices.of_baseline() if is_baseline(run) else prices,
        baseline=baseline,
        process=case.present_process,
        spent=case.spent,
        delay_per_week=case.delay_per_week,
        positive=run.positive or None,
        threshold=run.threshold,
        name=_name(run),
        seed=run.seed,
    )
