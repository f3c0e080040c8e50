"""Figure of the time that predictions took."""

from __future__ import annotations

from apps.compute.figures.theme import Figure, Heading, axis, bars, count_axis, hover, text
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table


def figures(result: EvaluationResult) -> list[Figure]:
    return [histogram(result)] if len(result.tables.get("latency_histogram", ())) else []


def histogram(result: EvaluationResult) -> Figure:
    table = result.tables["latency_histogram"]
    p50, p99 = (_percentile(result.tables["latency"], level) for level in (0.5, 0.99))
    return Figure(
        key="latency_histogram",
        title=text(gettext_noop("99%% of the predictions take at most %(slow)s"), slow=p99),
        subtitle=text(
            gettext_noop("Time per prediction; the last bin holds the slowest. Half take %(half)s."), half=p50
        ),
        alt=text(
            gettext_noop("Histogram of the time. Half take at most %(half)s, 99%% at most %(slow)s."),
            half=p50,
            slow=p99,
        ),
        data=[
            bars(
                Message(gettext_noop("Predictions")),
                _last_bin_narrow(table),
                "n",
                hovertemplate=hover(gettext_noop("%(x)s ms: %(y)s%(end)s"), x="%{x:.3~g}", y="%{y:,}"),
            )
        ],
        layout={
            "bargap": 0.05,
            "showlegend": False,
            "xaxis": axis(gettext_noop("Milliseconds")),
            "yaxis": count_axis(gettext_noop("Predictions")),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "ms"),
            Heading("high", Message(gettext_noop("To")), "ms"),
            Heading("n", Message(gettext_noop("Predictions")), "count"),
        ),
    )  # fmt: skip


def _last_bin_narrow(table: Table) -> Table:
    """The last bin reaches to the slowest prediction of all; drawn at its true width it would look full."""
    low, high = table.columns["low"], list(table.columns["high"])
    if len(low) > 1:
        high[-1] = low[-1] + (high[-2] - low[-2])
    return Table({**table.columns, "high": high})


def _percentile(table: Table, level: float) -> Quantity:
    for q, value, low, high in table.rows("q", "value", "low", "high"):
        if abs(q - level) < 1e-9:
            return Quantity(value, "ms", low, high)
    return Quantity(None, "ms")
