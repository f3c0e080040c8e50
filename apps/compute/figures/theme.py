"""The records of a drawn figure and the parts that all figures share.

A figure is plain data for Plotly: no template, no fonts, no hex colours. Colours are ``var(--token)`` and
texts are `Message`s; the page resolves both. The tests validate every figure with the plotly package.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, MetricResult, Table

#: The bundle draws an unknown type as a line without a word, so no other may be used.
TRACE_TYPES = frozenset({"scatter", "bar", "heatmap", "box", "violin", "histogram", "contour"})
MAX_LINE_POINTS = 2_000
MAX_MARKERS = 1_000
MAX_CELLS = 50 * 50
MAX_CLASSES = 20

# xgettext:no-python-format
INTERVAL_TEXT = gettext_noop("95% interval")


@dataclass(frozen=True, slots=True)
class Heading:
    """Head of one column of the numbers: its name in the data, its words and its unit."""

    name: str
    label: Message
    unit: str = "text"


@dataclass(frozen=True, slots=True)
class Figure:
    """``title`` is the finding, ``subtitle`` what is drawn of what data, ``alt`` the finding with numbers.

    ``table`` holds the drawn values and ``headings`` their columns. ``height`` is a class of charts.css.
    """

    key: str
    title: Message
    subtitle: Message
    alt: Message
    data: Sequence[Mapping[str, Any]]
    layout: Mapping[str, Any]
    table: Table
    headings: tuple[Heading, ...]
    height: str = "h-300"


def text(sentence: str, **params: Any) -> Message:
    """A translatable sentence around the figure; the page escapes it."""
    return Message(sentence, params)


def label(sentence: str, **params: Any) -> Message:
    """A text inside the drawing. Parts that users wrote are escaped, because Plotly reads a kind of HTML."""
    return Message(sentence, {key: escape(value) for key, value in params.items()})


def escape(value: Any) -> Any:
    return html.escape(value, quote=False) if isinstance(value, str) else value


def classes_text(names: Sequence[str], longest: int = 24) -> list[str]:
    """Class names for an axis: escaped, and cut where they are long."""
    return [escape(name if len(name) <= longest else f"{name[: longest - 1]}…") for name in names]


def whole_ticks(most: float) -> int:
    """The step of an axis of counts up to ``most``: 1, 2 or 5 times a power of ten, at most five steps."""
    step = 1
    while most > 5 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def rounded(values: Sequence[float | None]) -> list[float | None]:
    """Five significant digits: more cannot be seen and only make the page heavy."""
    return [None if value is None else float(f"{value:.5g}") for value in values]


def line(
    name: Message,
    x: Sequence[Any],
    y: Sequence[Any],
    *,
    colour: str = "--c1",
    dash: str = "solid",
    **more: Any,
) -> dict[str, Any]:
    style = {"color": f"var({colour})", "width": 2.25, "dash": dash}
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "line": style, **more}


def reference(name: Message, x: Sequence[Any], y: Sequence[Any]) -> dict[str, Any]:
    """What chance or a perfect model would give: thin, dotted, without a hover label."""
    style = {"color": "var(--text-3)", "width": 1, "dash": "dot"}
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "line": style, "hoverinfo": "skip",
    }  # fmt: skip


def point(name: Message, x: float, y: float, **more: Any) -> dict[str, Any]:
    marker = {"size": 9, "color": "var(--c1)", "line": {"color": "var(--surface)", "width": 1.5}}
    return {"type": "scatter", "mode": "markers", "name": name, "x": [x], "y": [y], "marker": marker, **more}


def bars(
    name: Message, table: Table, column: str, *, colour: str = "--c1", hatch: bool = False, **more: Any
) -> dict[str, Any]:
    """Bars over the bins ``low`` to ``high`` of ``table``."""
    low, high = table.columns["low"], table.columns["high"]
    marker: dict[str, Any] = {"color": f"var({colour})"}
    if hatch:
        marker["pattern"] = {
            "shape": "/",
            "size": 5,
            "solidity": 0.25,
            "fgcolor": "var(--surface)",
            "fillmode": "overlay",
        }
    return {
        "type": "bar",
        "name": name,
        "x": rounded([(a + b) / 2 for a, b in zip(low, high, strict=True)]),
        "width": rounded([b - a for a, b in zip(low, high, strict=True)]),
        "y": rounded(table.columns[column]),
        "marker": marker,
        **more,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    return {"title": {"text": Message(title)}, **more}


def count_axis(title: str) -> dict[str, Any]:
    return axis(title, rangemode="tozero", tickformat=",")


def share_axis(title: str, **more: Any) -> dict[str, Any]:
    """From 0 to 1. The range is a little wider, so that a line along the edge is not cut."""
    settings = {"range": [-0.005, 1.01], "dtick": 0.2, "tickformat": ".1f", **more}
    return axis(title, **settings)


def hover(label: str, **places: str) -> Message:
    """A hover label; the places are Plotly's, such as ``%{x:.2f}``."""
    return Message(label, {**places, "end": "<extra></extra>"})


def heat(z: Sequence[Sequence[float | None]], **more: Any) -> dict[str, Any]:
    """A heat map. The gaps are a must: the policy stops the style that keeps cells sharp."""
    colours = [[0, "var(--heat-0)"], [1, "var(--heat-1)"]]
    return {
        "type": "heatmap", "z": z, "colorscale": colours, "showscale": False, "xgap": 1, "ygap": 1, **more,
    }  # fmt: skip


def metric(result: EvaluationResult, key: str) -> MetricResult | None:
    """The metric if it was computed and is defined."""
    for found in result.metrics:
        if found.key == key and found.value is not None:
            return found
    return None


def rows_of(result: EvaluationResult) -> Quantity:
    return Quantity(result.n, "count")


def nearest(values: Sequence[float | None], wanted: float) -> int:
    """Index of the value nearest to ``wanted``; missing values are never it."""
    return min(range(len(values)), key=lambda i: math.inf if (v := values[i]) is None else abs(v - wanted))
