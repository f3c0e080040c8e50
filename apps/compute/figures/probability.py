"""Can probabilities be read as such: calibration of two classes, and of the largest of many."""

from __future__ import annotations

from apps.compute.figures.theme import (
    Figure,
    Heading,
    bars,
    count_axis,
    hover,
    reference,
    rounded,
    rows_of,
    share_axis,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table

#: A bin is off when its interval leaves the prediction out and the gap is larger than 0.05, or than a
#: third of the distance to the nearer end of 0..1: a score of 0.01 where 0.04 happens is no probability.
TOLERATED_GAP = 0.05
TOLERATED_PART = 1 / 3
#: A gap below this is never more than a blemish.
SMALLEST_GAP = 0.01
#: Scores count as probabilities while at most this share of the rows lies in bins that are off.
TOLERATED_ROWS = 0.1
#: A gap to one side is what stands out when it makes up this part of all gaps.
ONE_SIDED = 0.6

READABLE, TOO_HIGH, TOO_LOW, TOO_EXTREME, TOO_TIMID = "readable", "too_high", "too_low", "extreme", "timid"


def judge(table: Table) -> str:
    """What a calibration table says, in one of five words.

    Gaps (predicted minus observed) are weighted by rows. Mostly one side: too high or too low. Else they
    rise with the prediction (too extreme: low scores too low, high scores too high) or fall (too timid).
    """
    rows = [
        dict(zip(table.columns, row, strict=True))
        for row in table.rows()
        if row[list(table.columns).index("n")]
    ]
    total = sum(row["n"] for row in rows)
    gaps = [row["mean_predicted"] - row["observed"] for row in rows]
    off = sum(
        row["n"]
        for row, gap in zip(rows, gaps, strict=True)
        if abs(gap) > _tolerated(row["mean_predicted"], row["observed"])
        and not row["observed_low"] <= row["mean_predicted"] <= row["observed_high"]
    )
    if off <= TOLERATED_ROWS * total:
        return READABLE
    signed = sum(row["n"] * gap for row, gap in zip(rows, gaps, strict=True))
    absolute = sum(row["n"] * abs(gap) for row, gap in zip(rows, gaps, strict=True))
    if abs(signed) >= ONE_SIDED * absolute:
        return TOO_HIGH if signed > 0 else TOO_LOW
    middle = sum(row["n"] * row["mean_predicted"] for row in rows) / total
    slope = sum(
        row["n"] * gap * (row["mean_predicted"] - middle) for row, gap in zip(rows, gaps, strict=True)
    )
    return TOO_EXTREME if slope > 0 else TOO_TIMID


def _tolerated(predicted: float, observed: float) -> float:
    distance = min(max(predicted, observed), max(1 - predicted, 1 - observed))
    return max(SMALLEST_GAP, min(TOLERATED_GAP, TOLERATED_PART * distance))


_BINARY_TITLES = {
    READABLE: gettext_noop("Scores can be read as probabilities"),
    TOO_HIGH: gettext_noop("Scores are higher than what happens"),
    TOO_LOW: gettext_noop("Scores are lower than what happens"),
    TOO_EXTREME: gettext_noop("Scores are too sure: what happens lies nearer to the middle"),
    TOO_TIMID: gettext_noop("Scores are too timid: what happens lies further from the middle"),
}
_TOP_TITLES = {
    READABLE: gettext_noop("The confidence can be read as the chance to be right"),
    TOO_HIGH: gettext_noop("The model is surer than it is right"),
    TOO_LOW: gettext_noop("The model is right more often than it is sure"),
    TOO_EXTREME: gettext_noop("The model is too sure when sure, and too unsure when unsure"),
    TOO_TIMID: gettext_noop("The model is not sure enough when sure, and too sure when unsure"),
}


def binary_calibration(result: EvaluationResult) -> Figure:
    return _calibration(
        result,
        titles=_BINARY_TITLES,
        subtitle=gettext_noop("Share of positives in each score bin, with 95%% intervals. %(n)s rows."),
        x_title=gettext_noop("Mean score of the bin"),
        y_title=gettext_noop("Positives observed"),
    )


def top_calibration(result: EvaluationResult) -> Figure:
    return _calibration(
        result,
        titles=_TOP_TITLES,
        subtitle=gettext_noop("Share of right answers by confidence, with 95%% intervals. %(n)s rows."),
        x_title=gettext_noop("Mean confidence of the bin"),
        y_title=gettext_noop("Right answers observed"),
    )


def _calibration(
    result: EvaluationResult, *, titles: dict[str, str], subtitle: str, x_title: str, y_title: str
) -> Figure:
    whole = result.tables["calibration"]
    filled = [row for row in whole.rows() if row[list(whole.columns).index("n")]]
    columns_of = zip(whole.columns, zip(*filled, strict=True), strict=True)
    table = Table({name: list(column) for name, column in columns_of})
    columns = table.columns
    widest = max(
        range(len(table)),
        key=lambda i: columns["n"][i] * abs(columns["mean_predicted"][i] - columns["observed"][i]),
    )
    ends = zip(columns["observed"], columns["observed_low"], columns["observed_high"], strict=True)
    errors = [(high - value, value - low) for value, low, high in ends]
    return Figure(
        key="calibration",
        title=Message(titles[judge(table)]),
        subtitle=text(subtitle, n=rows_of(result)),
        alt=text(
            gettext_noop(
                "Calibration plot of %(bins)s bins. The gap that weighs most: %(predicted)s predicted, "
                "%(observed)s observed."
            ),
            bins=len(table),
            predicted=Quantity(columns["mean_predicted"][widest], "share"),
            observed=Quantity(
                columns["observed"][widest],
                "share",
                columns["observed_low"][widest],
                columns["observed_high"][widest],
            ),
        ),
        data=[
            reference(Message(gettext_noop("Ideal")), [0, 1], [0, 1]),
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": Message(gettext_noop("This run")),
                "x": rounded(columns["mean_predicted"]),
                "y": rounded(columns["observed"]),
                "line": {"color": "var(--c1)", "width": 2.25},
                "marker": {"size": 6},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded([max(0.0, up) for up, _ in errors]),
                    "arrayminus": rounded([max(0.0, down) for _, down in errors]),
                    "color": "var(--c1)",
                    "thickness": 1.2,
                    "width": 0,
                },
                "hovertemplate": hover(
                    gettext_noop("predicted %(x)s, observed %(y)s%(end)s"), x="%{x:.1%}", y="%{y:.1%}"
                ),
            },
        ],
        layout={"xaxis": share_axis(x_title), "yaxis": share_axis(y_title), "margin": {"t": 30}},
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "level"),
            Heading("high", Message(gettext_noop("To")), "level"),
            Heading("mean_predicted", Message(gettext_noop("Mean predicted")), "share"),
            Heading("observed", Message(gettext_noop("Observed")), "share"),
            Heading("observed_low", Message(gettext_noop("Interval from")), "share"),
            Heading("observed_high", Message(gettext_noop("Interval to")), "share"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )


def confidence(result: EvaluationResult) -> Figure:
    table = result.tables["confidence_histogram"]
    high = [
        (wrong, right)
        for low, wrong, right in zip(*(table.columns[c] for c in ("low", "wrong", "right")), strict=True)
        if low >= 0.9 - 1e-9
    ]
    wrong, right = sum(pair[0] for pair in high), sum(pair[1] for pair in high)
    everything = sum(table.columns["wrong"]) + sum(table.columns["right"])
    held = Quantity((wrong + right) / everything if everything else None, "share")
    share = Quantity(right / (wrong + right) if wrong + right else None, "share")
    title = (
        text(
            gettext_noop("Where the confidence is above 90%%, %(share)s of the answers are right"),
            share=share,
        )
        if wrong + right
        else Message(gettext_noop("The confidence is never above 90%"))
    )
    return Figure(
        key="confidence_histogram",
        title=title,
        subtitle=Message(gettext_noop("Rows by the probability of the predicted class.")),
        alt=text(
            gettext_noop("Histogram of the confidence. %(held)s of the rows lie above 90%%."), held=held
        ),
        data=[
            bars(Message(gettext_noop("Right")), table, "right", hovertemplate=_count_hover()),
            bars(
                Message(gettext_noop("Wrong")), table, "wrong", colour="--c2", hatch=True,
                hovertemplate=_count_hover(),
            ),
        ],
        layout={
            "barmode": "stack",
            "bargap": 0.05,
            "xaxis": share_axis(gettext_noop("Confidence")),
            "yaxis": count_axis(gettext_noop("Rows")),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "level"),
            Heading("high", Message(gettext_noop("To")), "level"),
            Heading("right", Message(gettext_noop("Right")), "count"),
            Heading("wrong", Message(gettext_noop("Wrong")), "count"),
        ),
    )  # fmt: skip


def _count_hover() -> Message:
    return hover(gettext_noop("%(x)s: %(y)s rows%(end)s"), x="%{x:.2f}", y="%{y:,}")
