"""Confusion matrices."""

from __future__ import annotations

from collections import Counter
from typing import Any

from apps.compute.figures.theme import (
    MAX_CLASSES,
    Figure,
    Heading,
    axis,
    classes_text,
    heat,
    hover,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table

#: With more classes the cells have room for whole percents without the sign, or for nothing at all.
MAX_SHARES = 6
MAX_WRITTEN = 12

_HEADINGS = (
    Heading("truth", Message(gettext_noop("Truth"))),
    Heading("predicted", Message(gettext_noop("Predicted"))),
    Heading("n", Message(gettext_noop("Rows")), "count"),
)

Cells = dict[tuple[str, str], float]


def _cells(table: Table) -> Cells:
    return {(truth, predicted): n for truth, predicted, n in table.rows("truth", "predicted", "n")}


def binary_confusion(result: EvaluationResult) -> Figure:
    """Rows of the matrix are the truth; the positive class comes second."""
    cells = _cells(result.tables["confusion"])
    positive = result.positive or result.classes[-1]
    names = [name for name in result.classes if name != positive] + [positive]
    negative = names[0]
    found = _share(cells, positive, positive, names)
    alarms = _share(cells, negative, positive, names)
    values = {"found": Quantity(found, "share"), "alarms": Quantity(alarms, "share")}
    subtitle = (
        Message(gettext_noop("Rows, and their share of the class, by the labels in the file."))
        if result.threshold is None
        else text(
            gettext_noop("Rows, and their share of the class, at threshold %(threshold)s."),
            threshold=Quantity(result.threshold, "level"),
        )
    )
    return Figure(
        key="confusion",
        title=text(
            gettext_noop("%(found)s of the positives are found, %(alarms)s of the negatives raise an alarm"),
            **values,
        ),
        subtitle=subtitle,
        alt=text(
            gettext_noop(
                "Confusion matrix of two classes. %(found)s of the positives are found, %(alarms)s of the "
                "negatives raise an alarm."
            ),
            **values,
        ),
        data=[_matrix(cells, names)],
        layout=_layout(names),
        table=result.tables["confusion"],
        headings=_HEADINGS,
    )


def multiclass_confusion(result: EvaluationResult) -> Figure:
    """At most 20 classes are drawn: those with the most rows beside the diagonal."""
    cells = _cells(result.tables["confusion"])
    names = most_confused(cells, list(result.classes))
    worst = max((pair for pair in cells if pair[0] != pair[1]), key=lambda pair: cells[pair], default=None)
    if worst is None or not cells[worst]:
        title = alt = Message(gettext_noop("No class is taken for another"))
    else:
        values = {"truth": worst[0], "predicted": worst[1], "n": Quantity(cells[worst], "count")}
        title = text(gettext_noop("“%(truth)s” is most often taken for “%(predicted)s”"), **values)
        alt = text(
            gettext_noop("Confusion matrix. “%(truth)s” is taken for “%(predicted)s” in %(n)s rows."),
            **values,
        )
    subtitle = Message(gettext_noop("Share of the true class in each cell."))
    if len(names) < len(result.classes):
        subtitle = text(
            gettext_noop("The %(shown)s most confused of %(all)s classes; share of the true class."),
            shown=len(names),
            all=len(result.classes),
        )
    elif MAX_SHARES < len(names) <= MAX_WRITTEN:
        subtitle = Message(
            gettext_noop("Percent of the true class in each cell; below one half it stays blank.")
        )
    shown = set(names)
    table = Table(
        {
            name: list(column)
            for name, column in zip(
                ("truth", "predicted", "n"),
                zip(*[(t, p, n) for (t, p), n in cells.items() if t in shown and p in shown], strict=True),
                strict=True,
            )
        }
    )
    return Figure(
        key="confusion",
        title=title,
        subtitle=subtitle,
        alt=alt,
        data=[_matrix(cells, names)],
        layout=_layout(names),
        table=table,
        headings=_HEADINGS,
        height="h-420" if len(names) > MAX_SHARES else "h-340",
    )


def most_confused(cells: Cells, classes: list[str]) -> list[str]:
    """The at most 20 classes with the most wrong rows, in the order of the report."""
    if len(classes) <= MAX_CLASSES:
        return classes
    wrong: Counter[str] = Counter()
    for (truth, predicted), n in cells.items():
        if truth != predicted:
            wrong[truth] += n  # type: ignore[assignment]  # weighted counts are not whole
            wrong[predicted] += n  # type: ignore[assignment]
    chosen = {name for name, _ in wrong.most_common(MAX_CLASSES)}
    return [name for name in classes if name in chosen] or classes[:MAX_CLASSES]


def _share(cells: Cells, truth: str, predicted: str, names: list[str]) -> float | None:
    total = sum(cells.get((truth, name), 0) for name in names)
    return cells.get((truth, predicted), 0) / total if total else None


def _matrix(cells: Cells, names: list[str]) -> dict[str, Any]:
    """Colour and text by the share of all rows of the true class, drawn classes or not."""
    totals: Counter[str] = Counter()
    for (truth, _), n in cells.items():
        totals[truth] += n  # type: ignore[assignment]
    z = [
        [cells.get((truth, predicted), 0) / totals[truth] if totals[truth] else 0.0 for predicted in names]
        for truth in names
    ]
    counts = [[cells.get((truth, predicted), 0) for predicted in names] for truth in names]
    labels = classes_text(names)
    written: list[list[Any]] = [[Quantity(share, "share") if share else "" for share in row] for row in z]
    if len(names) == 2:
        written = [
            [
                Message("%(n)s<br>%(share)s", {"n": Quantity(n, "count"), "share": Quantity(share, "share")})
                for n, share in zip(*pair, strict=True)
            ]
            for pair in zip(counts, z, strict=True)
        ]
    elif len(names) > MAX_SHARES:
        percents = [[round(100 * share) for share in row] for row in z]
        written = [[Quantity(percent, "count") if percent else "" for percent in row] for row in percents]
    gap = 3 if len(names) <= MAX_SHARES else 1
    size = 13 if len(names) <= MAX_SHARES else 11
    more = {"text": written, "texttemplate": "%{text}", "textfont": {"size": size}}
    return heat(
        [[round(share, 4) for share in row] for row in z],
        x=list(range(len(names))),
        y=list(range(len(names))),
        customdata=[
            [[predicted, truth, n] for predicted, n in zip(labels, row, strict=True)]
            for truth, row in zip(labels, counts, strict=True)
        ],
        zmin=0,
        zmax=1,
        hovertemplate=hover(
            gettext_noop("truth %(truth)s, predicted %(predicted)s: %(n)s rows, %(share)s%(end)s"),
            truth="%{customdata[1]}",
            predicted="%{customdata[0]}",
            n="%{customdata[2]:,}",
            share="%{z:.1%}",
        ),
        **{"xgap": gap, "ygap": gap},
        **(more if len(names) <= MAX_WRITTEN else {}),
    )


def _layout(names: list[str]) -> dict[str, Any]:
    """Classes stand at 0, 1, …: names as places would be read as numbers where they look like such."""
    ticks = {"tickvals": list(range(len(names))), "ticktext": classes_text(names), "ticks": ""}
    return {
        "xaxis": axis(gettext_noop("Predicted"), showgrid=False, **ticks),
        "yaxis": axis(gettext_noop("Truth"), autorange="reversed", showgrid=False, **ticks),
        "margin": {"l": 56, "t": 6, "b": 44},
    }
