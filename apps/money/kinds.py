"""Money of a run: what its decisions are worth in a year at the prices in force."""

from __future__ import annotations

from apps.analysis.columns import columns_of
from apps.analysis.registry import Kind, Params, register
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.money.terms import USED, check_prices
from apps.compute.results import Task
from apps.evaluations.comparisons import baseline_run_for, baseline_with_own_truth, is_baseline
from apps.evaluations.models import Run
from apps.requirements.measures import MONEY, prices_of
from apps.requirements.models import ValueCase

KEY = MONEY


def check(run: Run, params: Params) -> Params:
    """The number of the price list in force, and of the baseline's run on the same truth or None, so that
    other prices and another baseline make another question. Whatever is given is left aside.
    """
    case = ValueCase.objects.in_force(run.project_id).first()
    if case is None:
        raise InputRejected("no_prices", _NO_PRICES)
    prices, task = prices_of(case), Task(run.task)
    check_prices(prices, task)
    if prices.by_amount(task) and prices.amount_column not in columns_of(run):
        raise InputRejected("no_amounts", _NO_AMOUNTS, column=prices.amount_column, number=run.number)
    baseline = None if is_baseline(run) else baseline_run_for(run) or baseline_with_own_truth(run)
    return {"case": case.number, "baseline": None if baseline is None else baseline.number}


_NO_PRICES = gettext_noop(
    "The project has no price list yet, so no decision is worth anything. Say what a hit brings and what a "
    "miss and a false alarm cost."
)
_NO_AMOUNTS = gettext_noop(
    "The price list counts in amounts of column %(column)s, which the file of run %(number)d does not have. "
    "Upload the run with this column, or name another one in the price list."
)

register(
    Kind(
        key=KEY,
        label=gettext_noop("Money"),
        description=gettext_noop(
            "Counts what the decisions of the run are worth in a year at the prices in force: over the "
            "baseline and the present process, at every threshold, and at other prices."
        ),
        check=check,
        worker="apps.money.working:count_money",
        ask="money:ask",
        url="money:answer",
        tasks=frozenset(task.value for task in USED),
    )
)
