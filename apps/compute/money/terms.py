"""What each row is worth: the money of a row is the sum of price times term."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.money.formula import PRICE_NAMES
from apps.compute.results import Task
from apps.compute.uncertainty import Floats
from apps.compute.value import Prices

_NUMBER = ("hit", "error_unit")
#: The prices of a decision that each task uses; a task that is not here has no rule for money.
USED: Mapping[Task, tuple[str, ...]] = {
    Task.BINARY: (
        "hit",
        "hit_of_amount",
        "miss",
        "miss_of_amount",
        "false_alarm",
        "false_alarm_of_amount",
        "review",
    ),
    Task.MULTICLASS: ("hit", "hit_of_amount", "miss", "miss_of_amount"),
    Task.REGRESSION: _NUMBER,
    Task.FORECAST: _NUMBER,
    Task.COUNT: _NUMBER,
    Task.PROBABILISTIC: _NUMBER,
}
#: What may be negative: all else is a cost, or a number of things.
_ANY_SIGN = frozenset({"hit", "hit_of_amount"})

Terms = Mapping[str, Floats]
#: Truth and decision, (cells,) each.
Cells = tuple[NDArray[Any], NDArray[Any]]
#: What a row can be: the confusion table, right and wrong (class 1 stands for any wrong one).
CELLS: Mapping[Task, Cells] = {
    Task.BINARY: (np.array([True, False, True, False]), np.array([True, True, False, False])),
    Task.MULTICLASS: (np.array([0, 0]), np.array([0, 1])),
}


def row_terms(task: Task, truth: NDArray[Any], predicted: NDArray[Any], amount: Floats | None) -> Terms:
    """What one unit of each price of `USED` adds to the money of each row: arrays of shape (n,), costs
    negative.

    ``truth`` and ``predicted`` (n,) are "is positive" for binary, class codes for multiclass, else numbers.
    ``amount`` (n,) is in units of the currency; without it the prices in amounts have no term.
    """
    if USED[task] is _NUMBER:
        return {"hit": np.ones(len(truth)), "error_unit": -np.abs(predicted - truth).astype(np.float64)}
    if task is Task.BINARY:
        hit, missed, false_alarm = truth & predicted, truth & ~predicted, ~truth & predicted
    else:
        hit, missed, false_alarm = truth == predicted, truth != predicted, None
    terms = {"hit": hit.astype(np.float64), "miss": -missed.astype(np.float64)}
    if false_alarm is not None:
        terms["false_alarm"] = -false_alarm.astype(np.float64)
        terms["review"] = -predicted.astype(np.float64)
    if amount is not None:
        terms |= {f"{name}_of_amount": terms[name] * amount for name in terms if name != "review"}
    return {name: terms[name] for name in USED[task] if name in terms}


def row_money(
    task: Task,
    truth: NDArray[Any],
    predicted: NDArray[Any],
    prices: Prices,
    amount: Floats | None = None,
) -> Floats:
    """Money of each row's decision in units of the currency, (n,); arrays as in `row_terms`.

    Binary: 0 for a right no, -(false alarm) - review for a false alarm, -(miss) for a miss and hit - review
    for a hit, each with its factor times the amount. Multiclass: right and wrong. Numbers: hit minus the
    price of a unit of error times the absolute error.
    """
    return priced(row_terms(task, truth, predicted, amount), prices, len(truth))


def priced(terms: Terms, prices: Prices, n: int) -> Floats:
    """The sum of price times term, (n,)."""
    money = np.zeros(n)
    for name, term in terms.items():
        if price := getattr(prices, name):
            money += price * term
    return money


def paired_cells(task: Task) -> tuple[Cells, Cells]:
    """What a row can be to a run and to another one at once, in one order."""
    truth, decision = CELLS[task]
    both = np.unique(decision)
    again = np.tile(truth, len(both))
    return (again, np.tile(decision, len(both))), (again, np.repeat(both, len(decision)))


def cell_money(
    task: Task, cells: Cells, prices: Prices, amount: Floats | None, weight: Floats | None
) -> Floats:
    """Money of a row in each cell, at the mean amount: (cells,)."""
    mean = None if amount is None else np.full(len(cells[0]), np.average(amount, weights=weight))
    return row_money(task, *cells, prices, mean)


def check_prices(prices: Prices, task: Task) -> None:
    """InputRejected: a task without a rule for money, no price that it uses, a factor of amounts without a
    column, a volume or a cost that is negative or no finite number.
    """
    if task not in USED:
        raise InputRejected("no_money_rule", _NO_RULE)
    if not prices.volume_per_year >= 0 or not math.isfinite(prices.volume_per_year):
        raise InputRejected("negative_volume", _NEGATIVE_VOLUME, volume=f"{prices.volume_per_year:g}")
    for name, words in PRICE_NAMES.items():
        price = getattr(prices, name)
        if not math.isfinite(price) or (price < 0 and name not in _ANY_SIGN):
            raise InputRejected("negative_price", _NEGATIVE_PRICE, name=Message(words), price=f"{price:g}")
    needed = [name for name in USED[task] if USED[task] is not _NUMBER or name == "error_unit"]
    if not any(getattr(prices, name) for name in needed):
        names = [Message(PRICE_NAMES[name]) for name in needed]
        raise InputRejected("price_missing", _PRICE_MISSING, prices=_listed(names))
    if prices.by_amount(task) and not prices.amount_column:
        raise InputRejected("no_amount_column", _NO_AMOUNT_COLUMN)


def _listed(names: list[Message]) -> Message:
    found = names[0]
    for name in names[1:]:
        found = Message("%(first)s, %(second)s", {"first": found, "second": name})
    return found


_NO_RULE = gettext_noop(
    "There is no rule for the money of this kind of problem. Money is counted for binary, multiclass, "
    "regression, forecast, count and probabilistic runs."
)
_NEGATIVE_VOLUME = gettext_noop(
    "The decisions in a year are %(volume)s. Give a number that is 0 or more in the price list."
)
_NEGATIVE_PRICE = gettext_noop(
    "The price list has %(price)s as “%(name)s”. Costs are positive numbers, which are subtracted: write it "
    "without the minus."
)
_PRICE_MISSING = gettext_noop(
    "The price list has no price that this kind of problem uses, so its decisions are worth nothing. Give at "
    "least one of these: %(prices)s."
)
_NO_AMOUNT_COLUMN = gettext_noop(
    "The price list counts in amounts of the row but names no column that holds them. Name the column in the "
    "price list, or set these factors to 0."
)
