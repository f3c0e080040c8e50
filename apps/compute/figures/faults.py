"""Likely label errors: the share of each class, and what is taken for what."""

from __future__ import annotations

from typing import Any

from apps.compute.faults.result import FaultsResult
from apps.compute.figures.theme import (
    MAX_CLASSES,
    Figure,
    Heading,
    axis,
    classes_text,
    heat,
    hover,
    rounded,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

#: With more classes the cells have no room for a number.
MAX_WRITTEN = 12

_BY_CLASS = (
    Heading("class", Message(gettext_noop("Class"))),
    Heading("n", Message(gettext_noop("Rows")), "count"),
    Heading("share", Message(gettext_noop("Expected share of wrong labels")), "share"),
    Heading("low", Message(gettext_noop("Low")), "share"),
    Heading("high", Message(gettext_noop("High")), "share"),
    Heading("expected", Message(gettext_noop("Expected wrong labels")), "ratio"),
)
_PAIRS = (
    Heading("given", Message(gettext_noop("Given label"))),
    Heading("suggested", Message(gettext_noop("Suggested label"))),
    Heading("expected", Message(gettext_noop("Expected wrong labels")), "ratio"),
    Heading("n", Message(gettext_noop("Rows found")), "count"),
)


def figures(result: FaultsResult) -> list[Figure]:
    """The charts of likely label errors; none where they were not estimated or none is expected."""
    if result.errors is None or not result.errors.value:
        return []
    return [_by_class(result), _pairs(result)]


def _by_class(result: FaultsResult) -> Figure:
    """At most 20 classes are drawn, those with the largest share first."""
    names = tuple(heading.name for heading in _BY_CLASS)
    rows = [row for row in result.tables["by_class"].rows(*names) if row[1]]
    rows = sorted(rows, key=lambda row: -row[2])[:MAX_CLASSES]
    drawn = Table({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})
    labels, n, share, low, high, _expected = (drawn.columns[name] for name in names)
    places = list(range(len(rows)))
    worst = {"name": labels[0], "share": Quantity(share[0], "share", low[0], high[0])}
    total = Quantity.of(result.errors, "count") if result.errors else Quantity(None, "count")
    bar: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": rounded(share),
        "y": places,
        "marker": {"color": "var(--c1)"},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rounded([b - a for a, b in zip(share, high, strict=True)]),
            "arrayminus": rounded([a - b for a, b in zip(share, low, strict=True)]),
            "thickness": 1.2,
            "width": 0,
            "color": "var(--text-2)",
        },
        "customdata": [list(each) for each in zip(classes_text(labels), n, strict=True)],
        "hovertemplate": hover(
            gettext_noop("%(name)s: %(share)s of %(n)s rows%(end)s"),
            name="%{customdata[0]}",
            share="%{x:.1%}",
            n="%{customdata[1]:,}",
        ),
        "showlegend": False,
    }
    ticks = {"tickvals": places, "ticktext": classes_text(labels), "ticks": ""}
    return Figure(
        key="label_errors_by_class",
        title=text(
            gettext_noop("“%(name)s” has the largest share of likely wrong labels: %(share)s"), **worst
        ),
        subtitle=text(
            gettext_noop(
                "Expected share of wrong labels in each class, with bootstrap intervals (level 0.95); "
                "%(total)s of %(n)s labels in all. A hint from this model's probabilities, and no proof."
            ),
            total=total,
            n=Quantity(result.n, "count"),
        ),
        alt=text(
            gettext_noop(
                "Bars of the expected share of wrong labels by class. The largest is “%(name)s” "
                "with %(share)s."
            ),
            **worst,
        ),
        data=[bar],
        layout={
            "xaxis": axis(
                gettext_noop("Expected share of wrong labels"), rangemode="tozero", tickformat=".1~%"
            ),
            "yaxis": {"autorange": "reversed", "showgrid": False, **ticks},
        },
        table=drawn,
        headings=_BY_CLASS,
        height="h-420" if len(rows) > 8 else "h-300",
    )


def _pairs(result: FaultsResult) -> Figure:
    """At most 20 classes are drawn: those with the most expected errors. The diagonal is empty."""
    cells = {
        (given, other): n for given, other, n in result.tables["pairs"].rows("given", "suggested", "expected")
    }
    weight = dict.fromkeys(result.classes, 0.0)
    for (given, other), n in cells.items():
        weight[given] += n
        weight[other] += n
    chosen = set(sorted(weight, key=lambda name: -weight[name])[:MAX_CLASSES])
    names = [name for name in result.classes if name in chosen]
    z = [[cells.get((given, other)) for other in names] for given in names]
    given, other = max(cells, key=lambda pair: cells[pair])
    values = {"given": given, "other": other, "n": Quantity(cells[given, other], "ratio")}
    labels = classes_text(names)
    ticks = {"tickvals": list(range(len(names))), "ticktext": labels, "ticks": ""}
    written: dict[str, Any] = {}
    if len(names) <= MAX_WRITTEN:
        written = {
            "text": [[Quantity(round(n), "count") if n and n >= 0.5 else "" for n in row] for row in z],
            "texttemplate": "%{text}",
        }
    drawing = heat(
        [[None if n is None else round(n, 2) for n in row] for row in z],
        x=list(range(len(names))),
        y=list(range(len(names))),
        customdata=[[[given, other] for other in labels] for given in labels],
        zmin=0,
        hoverongaps=False,
        hovertemplate=hover(
            gettext_noop("given %(given)s, rather %(other)s: %(n)s rows%(end)s"),
            given="%{customdata[0]}",
            other="%{customdata[1]}",
            n="%{z:.1f}",
        ),
        **written,
    )
    return Figure(
        key="label_errors_pairs",
        title=text(gettext_noop("“%(given)s” is most often rather “%(other)s”"), **values),
        subtitle=Message(
            gettext_noop(
                "Expected number of wrong labels, by the label that is given and the one it rather is."
            )
        ),
        alt=text(
            gettext_noop(
                "Heat map of given and suggested labels. The largest cell is “%(given)s” that is rather "
                "“%(other)s”, with %(n)s expected rows."
            ),
            **values,
        ),
        data=[drawing],
        layout={
            "xaxis": axis(gettext_noop("Suggested label"), showgrid=False, **ticks),
            "yaxis": axis(gettext_noop("Given label"), autorange="reversed", showgrid=False, **ticks),
            "margin": {"l": 56, "t": 6, "b": 44},
        },
        table=result.tables["pairs"],
        headings=_PAIRS,
        height="h-420" if len(names) > 6 else "h-340",
    )
