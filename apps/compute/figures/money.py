"""Money over thresholds, and how each price moves the money of a year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    hover,
    line,
    point,
    reference,
    rounded,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.money.formula import PRICE_NAMES, VOLUME_NAME, money
from apps.compute.money.result import Effect, MoneyResult, ThresholdChoice
from apps.compute.results import Table

#: Short names for the axis; the table has the long ones.
_TICKS: Mapping[str, str] = {
    "hit": gettext_noop("Hit"),
    "hit_of_amount": gettext_noop("Hit, of amount"),
    "miss": gettext_noop("Miss"),
    "miss_of_amount": gettext_noop("Miss, of amount"),
    "false_alarm": gettext_noop("False alarm"),
    "false_alarm_of_amount": gettext_noop("False alarm, of amount"),
    "review": gettext_noop("Review"),
    "error_unit": gettext_noop("Unit of error"),
    "running_cost": gettext_noop("Running cost"),
    "training_cost": gettext_noop("Training cost"),
    "trainings_per_year": gettext_noop("Trainings"),
    "volume_per_year": gettext_noop("Decisions"),
}


def figures(result: MoneyResult) -> list[Figure]:
    """Those that the result has numbers for."""
    found = [by_threshold(result), tornado(result)]
    return [figure for figure in found if figure is not None]


def by_threshold(result: MoneyResult) -> Figure | None:
    """Money per year at each threshold on the half that judges, with its band, and the chosen threshold."""
    table, choice = result.tables.get("money_by_threshold"), result.choice
    if table is None or choice is None:
        return None
    level, currency = table.columns["threshold"], result.currency
    low, high = rounded(table.columns["judged_low"]), rounded(table.columns["judged_high"])
    thresholds = rounded(level)
    words = {
        "threshold": Quantity(choice.threshold, "level"),
        "money": money(choice.money, currency),
        "low": Quantity(choice.money.low, "money", currency=currency),
        "high": Quantity(choice.money.high, "money", currency=currency),
        "gain": money(choice.gain, currency),
    }
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": Message(INTERVAL_TEXT),
            "x": [*thresholds, *reversed(thresholds)],
            "y": [*high, *reversed(low)],
            "fill": "toself",
            "fillcolor": "var(--c1-soft)",
            "line": {"width": 0},
            "hoverinfo": "skip",
        },
        reference(
            Message(gettext_noop("On the half that chose")), thresholds, rounded(table.columns["chosen"])
        ),
        line(
            Message(gettext_noop("On the half that judges")),
            thresholds,
            rounded(table.columns["judged"]),
            hovertemplate=hover(
                gettext_noop("threshold %(x)s: %(y)s a year%(end)s"), x="%{x:.3~g}", y="%{y:.4~s}"
            ),
        ),
        point(
            Message(gettext_noop("Earns most")),
            choice.threshold,
            float(f"{choice.money.value or 0.0:.5g}"),
            hoverinfo="skip",
        ),
    ]
    shapes = [] if choice.present is None else [_upright(choice.present)]
    return Figure(
        key="money_by_threshold",
        title=_threshold_title(choice, words),
        subtitle=text(
            gettext_noop(
                "Chosen on one half of the rows and judged on the other; the vertical line is the present "
                "threshold."
            )
            if shapes
            else gettext_noop("Chosen on one half of the rows and judged on the other.")
        ),
        alt=text(
            gettext_noop(
                "Line chart. The threshold %(threshold)s brings %(money)s a year (%(low)s to %(high)s) on "
                "the half that did not choose it."
            ),
            **words,
        ),
        data=data,
        layout={
            "shapes": shapes,
            "xaxis": axis(gettext_noop("Threshold")),
            "yaxis": {"title": {"text": _money_axis(currency)}, "tickformat": "~s"},
            "margin": {"t": 28},
            "legend": {"traceorder": "normal"},
        },
        table=table,
        headings=(
            Heading("threshold", Message(gettext_noop("Threshold")), "level"),
            Heading(
                "judged", Message(gettext_noop("Judging half, %(currency)s"), {"currency": currency}), "money"
            ),
            Heading("judged_low", Message(gettext_noop("Low end")), "money"),
            Heading("judged_high", Message(gettext_noop("High end")), "money"),
            Heading(
                "chosen",
                Message(gettext_noop("Choosing half, %(currency)s"), {"currency": currency}),
                "money",
            ),
        ),
        height="h-340",
    )


def _threshold_title(choice: ThresholdChoice, words: Mapping[str, Any]) -> Message:
    low, high = choice.gain.low, choice.gain.high
    if low is not None and low > 0:
        return text(
            gettext_noop("The threshold %(threshold)s earns %(gain)s a year more than the present one"),
            **words,
        )
    if high is not None and high < 0:
        return text(
            gettext_noop(
                "The present threshold earns more than %(threshold)s, which looked best on other rows"
            ),
            **words,
        )
    return text(gettext_noop("No threshold is known to earn more than the present one"), **words)


def tornado(result: MoneyResult) -> Figure | None:
    """Money per year at half and at twice each price, the price that moves it most first. None where no price
    moves it.
    """
    effects = sorted(
        (effect for effect in result.effects if effect.halved != effect.doubled),
        key=lambda effect: -abs(effect.doubled - effect.halved),
    )
    if not effects:
        return None
    now = result.money.value or 0.0
    currency = result.currency
    most = effects[0]
    words = {
        "price": Message(_name(most)),
        "now": money(result.money, currency),
        "halved": Quantity(most.halved, "money", currency=currency),
        "doubled": Quantity(most.doubled, "money", currency=currency),
    }
    return Figure(
        key="price_sensitivity",
        title=text(gettext_noop("The price that moves the money most: %(price)s"), **words),
        subtitle=text(
            gettext_noop(
                "Money per year when one price is halved or doubled; all others stay. Now it is %(now)s."
            ),
            **words,
        ),
        alt=text(
            gettext_noop(
                "Bars around %(now)s a year. %(price)s: %(halved)s when halved, %(doubled)s when doubled."
            ),
            **words,
        ),
        data=[
            _sides(effects, now, "halved", gettext_noop("Halved"), "--c2", hatch=True),
            _sides(effects, now, "doubled", gettext_noop("Doubled"), "--c1", hatch=False),
        ],
        layout={
            "barmode": "overlay",
            "yaxis": {
                "tickvals": list(range(len(effects))),
                "ticktext": [Message(_TICKS[effect.name]) for effect in effects],
                "range": [len(effects) - 0.4, -0.6],
                "showgrid": False,
            },
            "xaxis": {"title": {"text": _money_axis(currency)}, "tickformat": "~s"},
            "shapes": [_upright(now)],
            "margin": {"t": 28, "l": 40},
            "legend": {"traceorder": "normal"},
        },
        table=Table(
            {
                "price": [_name(effect) for effect in effects],
                "value": [effect.price for effect in effects],
                "halved": [effect.halved for effect in effects],
                "doubled": [effect.doubled for effect in effects],
                "turning": [effect.turning for effect in effects],
            }
        ),
        headings=(
            Heading("price", Message(gettext_noop("Price"))),
            Heading("value", Message(gettext_noop("Now")), "price"),
            Heading("halved", Message(gettext_noop("Halved, %(currency)s"), {"currency": currency}), "money"),
            Heading(
                "doubled", Message(gettext_noop("Doubled, %(currency)s"), {"currency": currency}), "money"
            ),
            Heading("turning", Message(gettext_noop("No gain at")), "number"),
        ),
        height="h-300",
    )


def _name(effect: Effect) -> str:
    return VOLUME_NAME if effect.name == "volume_per_year" else PRICE_NAMES[effect.name]


def _sides(
    effects: list[Effect], now: float, side: str, name: str, colour: str, *, hatch: bool
) -> dict[str, Any]:
    marker: dict[str, Any] = {"color": f"var({colour})"}
    if hatch:
        marker["pattern"] = {
            "shape": "/",
            "size": 6,
            "solidity": 0.2,
            "fgcolor": "var(--surface)",
            "fillmode": "overlay",
        }
    values = [getattr(effect, side) for effect in effects]
    return {
        "type": "bar",
        "orientation": "h",
        "name": Message(name),
        "y": list(range(len(effects))),
        "base": float(f"{now:.5g}"),
        "x": rounded([value - now for value in values]),
        "customdata": rounded(values),
        "width": 0.62,
        "marker": marker,
        "hovertemplate": hover(gettext_noop("%(money)s a year%(end)s"), money="%{customdata:.4~s}"),
    }


def _money_axis(currency: str) -> Message:
    return Message(gettext_noop("Money per year, %(currency)s"), {"currency": currency})


def _upright(x: float) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "xref": "x",
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "line": {"color": "var(--text-3)", "width": 1.25, "dash": "dot"},
    }
