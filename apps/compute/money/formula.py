"""The words of money: names of prices, and the formula with a project's own numbers put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Task
from apps.compute.value import Prices

#: What a reader calls each price. The volume is a number of decisions, the factors are parts of an amount.
PRICE_NAMES: Mapping[str, str] = {
    "hit": gettext_noop("Value of a hit, a right or an exact answer"),
    "hit_of_amount": gettext_noop("Value of a hit, in amounts of the row"),
    "miss": gettext_noop("Cost of a miss or a wrong answer"),
    "miss_of_amount": gettext_noop("Cost of a miss, in amounts of the row"),
    "false_alarm": gettext_noop("Cost of a false alarm"),
    "false_alarm_of_amount": gettext_noop("Cost of a false alarm, in amounts of the row"),
    "review": gettext_noop("Cost of looking at one alarm"),
    "error_unit": gettext_noop("Cost of one unit of absolute error"),
    "running_cost": gettext_noop("Running cost per year"),
    "training_cost": gettext_noop("Cost of one training"),
    "trainings_per_year": gettext_noop("Trainings in a year"),
}
VOLUME_NAME = gettext_noop("Decisions in a year")

_BINARY: Mapping[str, str] = {
    "hit": gettext_noop("%(price)s × share of hits"),
    "hit_of_amount": gettext_noop("%(price)s × mean amount of hits over all rows"),
    "miss": gettext_noop("%(price)s × share of misses"),
    "miss_of_amount": gettext_noop("%(price)s × mean amount of misses over all rows"),
    "false_alarm": gettext_noop("%(price)s × share of false alarms"),
    "false_alarm_of_amount": gettext_noop("%(price)s × mean amount of false alarms over all rows"),
    "review": gettext_noop("%(price)s × share of alarms"),
}
_MULTICLASS: Mapping[str, str] = {
    "hit": gettext_noop("%(price)s × share of right answers"),
    "hit_of_amount": gettext_noop("%(price)s × mean amount of right answers over all rows"),
    "miss": gettext_noop("%(price)s × share of wrong answers"),
    "miss_of_amount": gettext_noop("%(price)s × mean amount of wrong answers over all rows"),
}
_NUMBERS: Mapping[str, str] = {
    "hit": gettext_noop("%(price)s for each decision"),
    "error_unit": gettext_noop("%(price)s × mean absolute error"),
}
_GAINS = frozenset({"hit", "hit_of_amount"})


def formula(prices: Prices, task: Task) -> Message:
    """How the money of a year comes about, with the prices put in: "24,421 decisions a year × (€12 × share of
    hits − €0.25 × share of alarms) − €1,200 running cost". Only prices that are not 0 are in it.
    """
    words = {Task.BINARY: _BINARY, Task.MULTICLASS: _MULTICLASS}.get(task, _NUMBERS)
    bracket: Message | None = None
    for name, pattern in words.items():
        if price := getattr(prices, name):
            bracket = _joined(
                bracket,
                Message(pattern, {"price": shown_price(name, price, prices.currency)}),
                name in _GAINS,
                price,
            )
    volume = Quantity(prices.volume_per_year, "count")
    whole = Message(_YEAR, {"volume": volume, "decision": bracket or "0"})
    if prices.running_cost:
        whole = Message(
            _RUNNING,
            {"rest": whole, "cost": shown_price("running_cost", prices.running_cost, prices.currency)},
        )
    if prices.training_cost and prices.trainings_per_year:
        trainings = Quantity(prices.trainings_per_year, "number")
        cost = shown_price("training_cost", prices.training_cost, prices.currency)
        whole = Message(_TRAINING, {"rest": whole, "count": trainings, "cost": cost})
    return whole


def _joined(before: Message | None, term: Message, is_gain: bool, price: float) -> Message:
    """A negative value of a hit carries its own minus."""
    if before is None:
        return term if is_gain else Message("−%(term)s", {"term": term})
    sign = "%(before)s + %(term)s" if is_gain else "%(before)s − %(term)s"
    return Message(sign, {"before": before, "term": term})


def shown_price(name: str, value: float | None, currency: str) -> Quantity:
    """A price, a factor of amounts or a number of things, in its own unit."""
    if name in ("volume_per_year", "trainings_per_year"):
        return Quantity(value, "number")
    return (
        Quantity(value, "level")
        if name.endswith("_of_amount")
        else Quantity(value, "price", currency=currency)
    )


def money(value: Any, currency: str) -> Quantity:
    """An `Estimate` of money with the digits that its interval supports."""
    return Quantity(value.value, "money", value.low, value.high, currency)


_YEAR = gettext_noop("%(volume)s decisions a year × (%(decision)s)")
_RUNNING = gettext_noop("%(rest)s − %(cost)s running cost a year")
_TRAINING = gettext_noop("%(rest)s − %(count)s trainings a year × %(cost)s")
