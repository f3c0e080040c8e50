"""Money of a run from its rows: per year, over the baseline and the present process, and what moves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.aligned import Aligned, Side, align, common_weight
from apps.compute.inputs import Inputs, read
from apps.compute.judged import JudgedBinary
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.binary.evaluate import DEFAULT_THRESHOLD
from apps.compute.money import threshold as thresholds
from apps.compute.money.estimates import inverse, mean_money, scaled
from apps.compute.money.formula import formula
from apps.compute.money.result import Amounts, BaselineGain, BreakEven, Effect, Estimate, MoneyResult
from apps.compute.money.terms import CELLS, USED, cell_money, check_prices, paired_cells, priced, row_terms
from apps.compute.results import Table, Task
from apps.compute.roles import ColumnRoles
from apps.compute.tasks import TASK_KINDS
from apps.compute.uncertainty import Floats
from apps.compute.value import Prices

WEEKS = 52
MONTHS = 12
#: Tasks whose truth and prediction are numbers are read as a regression.
READ_AS = {task: task if task in (Task.BINARY, Task.MULTICLASS) else Task.REGRESSION for task in USED}


@dataclass(frozen=True, slots=True)
class _Rows:
    """``terms`` as in `terms.row_terms`, ``money`` (n,) per decision, ``possible`` prices of a row or None.
    ``means`` is the weighted mean of each term.
    """

    terms: Mapping[str, Floats]
    money: Floats
    possible: Floats | None
    weight: Floats | None

    @property
    def means(self) -> dict[str, float]:
        return {name: float(np.average(term, weights=self.weight)) for name, term in self.terms.items()}

    def mean(self) -> Estimate:
        return mean_money(self.money, self.weight, self.possible)

    def minus(self, other: _Rows) -> _Rows:
        """Row by row; what a row of both can be is for the caller to say."""
        terms = {name: term - other.terms[name] for name, term in self.terms.items()}
        return _Rows(terms, self.money - other.money, None, self.weight)


def judge_money(
    path: Path,
    roles: ColumnRoles,
    task: Task,
    prices: Prices,
    *,
    baseline: Side | None = None,
    process: float | None = None,
    spent: float = 0.0,
    delay_per_week: float | None = None,
    positive: str | None = None,
    threshold: float | None = None,
    name: Message | str = "run",
    seed: int = 0,
) -> MoneyResult:
    """Money per year of the judged table at ``path`` (truth joined), with 95 % intervals.

    ``baseline`` is a table of predictions for the same rows, found by id; amounts are those of the run.
    ``process`` is what the present process brings a year, ``spent`` what the model has cost so far, and
    ``delay_per_week`` the stated cost of a week of delay (else a 52nd of the gain). ``name`` is what messages
    call the run. ``seed`` draws the halves that choose and judge a threshold.

    InputRejected: see `terms.check_prices`; the checks of an evaluation; an amount that is missing, negative
    or no number; a baseline without ids or common rows, or of another truth.
    """
    check_prices(prices, task)
    inputs = read(path, roles)
    judged = _judged(inputs, task, positive, threshold, seed)
    amount = _amounts(path, inputs, prices) if prices.by_amount(task) else None
    truth, predicted = _decided(judged)
    rows = _rows(task, judged, prices, amount, inputs.weight())
    money = _of_year(rows.mean(), prices)
    notes = [*inputs.notes, *judged.notes]
    against = None
    compared = rows
    if baseline is not None:
        run = Side(
            name, path, roles, positive, threshold, also=(prices.amount_column,) if amount is not None else ()
        )
        against, compared, more = _against(run, baseline, task, prices, seed)
        notes += more
    over_process = None if process is None else scaled(money, 1.0, -process)
    gain, basis, level = money, "nothing", 0.0
    if against is not None:
        gain, basis = against.gain, "baseline"
    elif over_process is not None:
        gain, basis, level = over_process, "process", process or 0.0
    choice, curve = None, None
    if isinstance(judged, JudgedBinary):
        choice, curve, in_the_way = _choice(judged, prices, amount, seed)
        notes += in_the_way
    return MoneyResult(
        task=task,
        currency=prices.currency,
        n=len(truth),
        money=money,
        gain=gain,
        basis=basis,
        effects=_effects(rows.means, compared.means, float(money.value or 0), float(gain.value or 0), prices),
        break_even=_break_even(compared.mean(), prices, gain, level, spent),
        delay_per_week=scaled(gain, 1 / WEEKS) if delay_per_week is None else Estimate(delay_per_week),
        formula=formula(prices, task),
        baseline=against,
        process=process,
        over_process=over_process,
        choice=choice,
        amounts=None if amount is None else _summary(prices.amount_column, amount, task, truth, predicted),
        weighted=rows.weight is not None,
        tables={} if curve is None else {"money_by_threshold": curve},
        notes=tuple(notes),
        seed=seed,
    )


def _judged(inputs: Inputs, task: Task, positive: str | None, threshold: float | None, seed: int) -> Any:
    module = TASK_KINDS[READ_AS[task]].judging()
    return module.judge(inputs, inputs.weight(), positive=positive, threshold=threshold, seed=seed)


def _decided(judged: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Truth and decision of each row, (n,) each."""
    if isinstance(judged, JudgedBinary):
        return judged.data.truth, judged.decisions()
    return judged.data.truth, judged.data.predicted


def _rows(
    task: Task,
    judged: Any,
    prices: Prices,
    amount: Floats | None,
    weight: Floats | None,
) -> _Rows:
    truth, predicted = _decided(judged)
    cells = CELLS.get(task)
    terms = row_terms(task, truth, predicted, amount)
    possible = None if cells is None else cell_money(task, cells, prices, amount, weight)
    return _Rows(terms, priced(terms, prices, len(truth)), possible, weight)


def _of_year(mean: Estimate, prices: Prices) -> Estimate:
    return scaled(mean, prices.volume_per_year, -prices.cost_per_year)


def _amounts(path: Path, inputs: Inputs, prices: Prices) -> Floats:
    """The amounts of the judged rows. InputRejected: no such column, empty, negative or no numbers."""
    column = prices.amount_column
    if column not in pl.read_parquet_schema(path):
        raise InputRejected("no_amounts", _NO_AMOUNTS, column=column)
    frame = pl.read_parquet(path, columns=[column])
    if inputs.labelled is not None:
        frame = frame.filter(pl.Series(inputs.labelled))
    read_amounts = Inputs(frame, {}, inputs.labelled, None, ())
    values = read_amounts.numbers(column)
    negative = values < 0
    if negative.any():
        raise InputRejected(
            "negative_amount", _NEGATIVE_AMOUNT, column=column, **read_amounts.first(negative)
        )
    return values


def _against(
    run: Side, baseline: Side, task: Task, prices: Prices, seed: int
) -> tuple[BaselineGain, _Rows, tuple[Message, ...]]:
    """The gain row by row on the common rows, and what each price adds to it."""
    sides = (run, baseline)
    found: Aligned = align(sides)
    weight, notes = common_weight(found.inputs)
    judged = [
        _judged(inputs, task, side.positive, side.threshold, seed)
        for inputs, side in zip(found.inputs, sides, strict=True)
    ]
    module = TASK_KINDS[READ_AS[task]].judging()
    judged, _pairs = module.together([side.name for side in sides], judged, weight, seed)
    amount = found.inputs[0].numbers(run.also[0]) if run.also else None
    own, other = (_rows(task, each, prices, amount, weight) for each in judged)
    change = own.minus(other)
    if task in CELLS:
        first, second = (cell_money(task, cells, prices, amount, weight) for cells in paired_cells(task))
        change = replace(change, possible=first - second)
    gain = BaselineGain(
        gain=_of_year(change.mean(), prices),
        run=_of_year(own.mean(), prices),
        baseline=_of_year(other.mean(), prices.of_baseline()),
    )
    return gain, change, notes


def _choice(
    judged: JudgedBinary, prices: Prices, amount: Floats | None, seed: int
) -> tuple[Any, Table | None, list[Message]]:
    data = judged.data
    if data.probability is None:
        return None, None, [Message(_NO_PROBABILITY)]
    own = DEFAULT_THRESHOLD if judged.threshold is None and data.predicted is None else judged.threshold
    scored = thresholds.Scored(data.truth, data.probability, judged.decisions(), judged.weight, amount, own)
    return thresholds.search(scored, prices, seed)


def _effects(
    means: Mapping[str, float], changes: Mapping[str, float], money: float, gain: float, prices: Prices
) -> tuple[Effect, ...]:
    """Money and gain are linear in each price: slope times price is what it adds."""
    volume = prices.volume_per_year
    slopes = {name: (volume * mean, volume * changes[name]) for name, mean in means.items()}
    slopes["volume_per_year"] = (_per_decision(means, prices), _per_decision(changes, prices))
    slopes["running_cost"] = (-1.0, -1.0)
    slopes["training_cost"] = (-prices.trainings_per_year, -prices.trainings_per_year)
    slopes["trainings_per_year"] = (-prices.training_cost, -prices.training_cost)
    effects = []
    for name, (slope, of_gain) in slopes.items():
        price = getattr(prices, name)
        adds = slope * price
        turning = price - gain / of_gain if of_gain else None
        if turning is not None and turning < 0:
            turning = None
        effects.append(Effect(name, price, adds, money - adds / 2, money + adds, turning))
    return tuple(effects)


def _per_decision(means: Mapping[str, float], prices: Prices) -> float:
    return sum(float(getattr(prices, name)) * mean for name, mean in means.items())


def _break_even(mean: Estimate, prices: Prices, gain: Estimate, level: float, spent: float) -> BreakEven:
    """``mean`` is the money that a decision adds, ``level`` what must be beaten besides the costs a year."""
    months = scaled(inverse(gain, spent), MONTHS)
    return BreakEven(
        volume=inverse(mean, max(prices.cost_per_year + level, 0.0)),
        running_cost=scaled(gain, 1.0, prices.running_cost),
        months=months,
    )


def _summary(
    column: str, amount: Floats, task: Task, truth: NDArray[Any], predicted: NDArray[Any]
) -> Amounts:
    right = truth == predicted
    if task is Task.BINARY:
        members = {
            "tn": right & ~predicted,
            "fp": ~right & predicted,
            "fn": ~right & ~predicted,
            "tp": right & predicted,
        }
    else:
        members = {"right": right, "wrong": ~right}
    return Amounts(
        column=column,
        n=len(amount),
        total=float(amount.sum()),
        mean=float(amount.mean()),
        median=float(np.median(amount)),
        largest=float(amount.max()),
        cells=Table(
            {
                "cell": list(members),
                "n": [int(np.count_nonzero(member)) for member in members.values()],
                "amount": [float(amount[member].sum()) for member in members.values()],
            }
        ),
    )


_NO_AMOUNTS = gettext_noop(
    "The price list counts in amounts of column %(column)s, which the file does not have. Upload the run "
    "with this column, or name another one in the price list."
)
_NEGATIVE_AMOUNT = gettext_noop(
    "The amount in column %(column)s is negative in row %(row)s (%(count)s such rows). Amounts are 0 or "
    "more: correct them, or leave these rows out of the file."
)
_NO_PROBABILITY = gettext_noop(
    "The run has no probabilities, so no other threshold can be tried. Upload it with a probability column "
    "to see which threshold earns most."
)
