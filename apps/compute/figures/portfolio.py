"""Figures over many projects: money, verdicts, use cases, the way to production, phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.compute.figures.theme import Figure, Heading, axis, classes_text, hover, rounded, text, whole_ticks
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

#: Colour and hatch of each verdict, in the order of the bars.
_VERDICTS = {
    "confirmed": (gettext_noop("confirmed"), "--ok-fill", ""),
    "contradicting": (gettext_noop("contradicting"), "--mix-fill", "x"),
    "refuted": (gettext_noop("refuted"), "--bad-fill", "/"),
    "unverified": (gettext_noop("unverified"), "--none-fill", ""),
}
_GRID: dict[str, Any] = {"rangemode": "tozero", "showgrid": True, "gridcolor": "var(--grid)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectValue:
    """Money per year of one project: with its 95 % interval where there is evidence, and what was hoped."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    hoped: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDays:
    """Closed phases of one kind: how many, and the quartiles of their days."""

    name: str
    n: int
    quarter: float
    half: float
    three_quarters: float


def value_against_hope(projects: Sequence[ProjectValue], currency: str, left_out: int) -> Figure:
    """Greatest value first. ``left_out``: projects in other currencies or below the ones that are drawn."""
    shown = list(reversed(projects))
    names = classes_text([project.name for project in shown], longest=28)
    values = [project.value or 0.0 for project in shown]
    hoped = [project for project in projects if project.hoped is not None]
    reached = sum((project.value or 0.0) >= (project.hoped or 0.0) for project in hoped)
    counts = {"reached": reached, "hoped": len(hoped), "currency": currency, "left_out": left_out}
    sentence = (
        gettext_noop(
            "Money per year, %(currency)s. Bar and whisker: value by evidence, 95%% interval. Line: hoped "
            "for. %(left_out)d more are not drawn."
        )
        if left_out
        else gettext_noop(
            "Money per year, %(currency)s. Bar and whisker: value by evidence, 95%% interval. "
            "Line: hoped for."
        )
    )
    title = text(gettext_noop("%(reached)d of %(hoped)d projects reach the value they hoped for"), **counts)
    return Figure(
        key="portfolio_value",
        title=title,
        subtitle=text(sentence, **counts),
        alt=title,
        data=[
            {
                "type": "bar",
                "orientation": "h",
                "name": Message(gettext_noop("Value by evidence")),
                "x": rounded(values),
                "y": names,
                "width": 0.56,
                "marker": {"color": "var(--ok-fill)"},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded([_above(project) for project in shown]),
                    "arrayminus": rounded([_below(project) for project in shown]),
                    "color": "var(--text-2)",
                    "thickness": 1.2,
                    "width": 3,
                },
                "hovertemplate": hover("%(y)s: %(x)s%(end)s", x="%{x:,.0f}", y="%{y}"),
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": Message(gettext_noop("Hoped for")),
                "x": rounded([project.hoped for project in shown]),
                "y": names,
                "marker": {"symbol": "line-ns", "size": 15, "line": {"color": "var(--text)", "width": 2}},
                "hovertemplate": hover("%(y)s: %(x)s%(end)s", x="%{x:,.0f}", y="%{y}"),
            },
        ],
        layout={
            "xaxis": {
                "rangemode": "tozero",
                "showgrid": True,
                "gridcolor": "var(--grid)",
                "tickformat": "~s",
            },
            "yaxis": {"showgrid": False, "tickfont": {"color": "var(--text-2)"}},
            "margin": {"t": 4},
            "meta": {"narrow": {"xaxis": {"nticks": 4}, "yaxis": {"tickfont": {"size": 10}}}},
        },
        table=Table(
            {
                "project": [project.name for project in projects],
                "value": [project.value for project in projects],
                "low": [project.low for project in projects],
                "high": [project.high for project in projects],
                "hoped": [project.hoped for project in projects],
            }
        ),
        headings=(
            Heading("project", Message(gettext_noop("Project"))),
            Heading("value", Message(gettext_noop("Value by evidence")), "target"),
            Heading("low", Message(gettext_noop("Lower bound")), "target"),
            Heading("high", Message(gettext_noop("Upper bound")), "target"),
            Heading("hoped", Message(gettext_noop("Hoped for")), "target"),
        ),
        height="h-380",
    )


def _above(project: ProjectValue) -> float:
    return max(0.0, (project.high or 0.0) - project.value) if project.value and project.high else 0.0


def _below(project: ProjectValue) -> float:
    return max(0.0, project.value - project.low) if project.value and project.low is not None else 0.0


def verdicts_by_week(days: Sequence[date], counts: Mapping[str, Sequence[int]]) -> Figure:
    confirmed = counts["confirmed"]
    change = {"before": confirmed[0], "after": confirmed[-1], "weeks": len(days)}
    sentence = (
        gettext_noop("Confirmed requirements went from %(before)d to %(after)d in %(weeks)d weeks")
        if confirmed[0] != confirmed[-1]
        else gettext_noop("Confirmed requirements stayed at %(after)d for %(weeks)d weeks")
    )
    x = [day.isoformat() for day in days]
    return Figure(
        key="portfolio_verdicts",
        title=text(sentence, **change),
        subtitle=text(gettext_noop("Requirements by verdict at the end of each week, all projects.")),
        alt=text(sentence, **change),
        data=[
            {
                "type": "bar",
                "name": Message(name),
                "x": x,
                "y": list(counts[state]),
                "marker": {"color": f"var({colour})", "line": {"width": 0}, "pattern": _hatch(shape)},
                "hovertemplate": hover("%(y)s%(end)s", y="%{y}"),
            }
            for state, (name, colour, shape) in _VERDICTS.items()
        ],
        layout={
            "barmode": "stack",
            "bargap": 0.22,
            "hovermode": "x unified",
            "xaxis": {"tickformat": "%-d %b", "tickvals": x[::-2]},
            "yaxis": {
                "rangemode": "tozero",
                "tickformat": ",d",
                "dtick": whole_ticks(max(map(sum, zip(*counts.values(), strict=True)))),
            },
            "margin": {"l": 34, "t": 30},
            "legend": {"traceorder": "normal"},
            "meta": {"narrow": {"xaxis": {"tickvals": x[::-4]}}},
        },
        table=Table({"week": x, **{state: list(counts[state]) for state in _VERDICTS}}),
        headings=(
            Heading("week", Message(gettext_noop("Week"))),
            *(Heading(state, Message(name), "count") for state, (name, _c, _s) in _VERDICTS.items()),
        ),
        height="h-380",
    )


def _hatch(shape: str) -> dict[str, Any]:
    return {"shape": shape, "size": 5, "solidity": 0.25, "fgcolor": "var(--surface)", "fillmode": "overlay"}


def use_cases(counts: Sequence[tuple[str, int]]) -> Figure:
    """``counts``: names in the reader's language with their projects, the most frequent first."""
    name, most = counts[0]
    n = {"name": name, "most": most, "projects": sum(count for _name, count in counts)}
    title = text(gettext_noop("The most frequent use: %(name)s (%(most)d of %(projects)d)"), **n)
    return Figure(
        key="portfolio_use_cases",
        title=title,
        subtitle=text(gettext_noop("Projects by what machine learning is used for.")),
        alt=title,
        data=[_counted([name for name, _n in reversed(counts)], [n for _name, n in reversed(counts)])],
        layout=_counted_layout([n for _name, n in counts]),
        table=_count_table(counts),
        headings=(
            Heading("name", Message(gettext_noop("Use case"))),
            Heading("projects", Message(gettext_noop("Projects")), "count"),
        ),
    )


def time_to_production(bins: Sequence[tuple[str, int]], quick: int) -> Figure:
    """``bins``: names in the reader's language with their projects; ``quick`` of them took up to 90 days."""
    labels, counts = [name for name, _n in bins], [n for _name, n in bins]
    total = sum(counts)
    n = {"quick": quick, "total": total}
    title = text(gettext_noop("%(quick)d of %(total)d systems went live within 90 days of their start"), **n)
    return Figure(
        key="portfolio_production",
        title=title,
        subtitle=text(gettext_noop("Time from the start of the first phase to production, by project.")),
        alt=title,
        data=[_counted(labels[::-1], counts[::-1])],
        layout=_counted_layout(counts),
        table=Table({"time": labels, "projects": counts}),
        headings=(
            Heading("time", Message(gettext_noop("Time"))),
            Heading("projects", Message(gettext_noop("Projects")), "count"),
        ),
    )


def phase_durations(phases: Sequence[PhaseDays]) -> Figure:
    """Median and middle half of the days that closed phases took."""
    first = phases[0]
    title = text(
        gettext_noop("%(name)s: half of the closed phases took at most %(days)s days"),
        name=first.name,
        days=Quantity(first.half, "count"),
    )
    shown = list(reversed(phases))
    return Figure(
        key="portfolio_durations",
        title=title,
        subtitle=text(gettext_noop("Days of the closed phases. Dot: median, line: the middle half of them.")),
        alt=title,
        data=[
            {
                "type": "scatter",
                "mode": "markers",
                "showlegend": False,
                "x": rounded([phase.half for phase in shown]),
                "y": [phase.name for phase in shown],
                "marker": {"size": 11, "color": "var(--c1)"},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded([phase.three_quarters - phase.half for phase in shown]),
                    "arrayminus": rounded([phase.half - phase.quarter for phase in shown]),
                    "color": "var(--c1)",
                    "thickness": 4,
                    "width": 0,
                },
                "hovertemplate": hover(gettext_noop("%(y)s: %(x)s days%(end)s"), x="%{x:.0f}", y="%{y}"),
            }
        ],
        layout={
            "xaxis": axis(gettext_noop("Days"), rangemode="tozero", showgrid=True, gridcolor="var(--grid)"),
            "yaxis": {"type": "category", "showgrid": False, "range": [-0.6, len(phases) - 0.4]},
            "margin": {"t": 8},
        },
        table=Table(
            {
                "phase": [phase.name for phase in phases],
                "n": [phase.n for phase in phases],
                "quarter": [phase.quarter for phase in phases],
                "half": [phase.half for phase in phases],
                "three_quarters": [phase.three_quarters for phase in phases],
            }
        ),
        headings=(
            Heading("phase", Message(gettext_noop("Phase"))),
            Heading("n", Message(gettext_noop("Closed")), "count"),
            Heading("quarter", Message(gettext_noop("A quarter took at most")), "count"),
            Heading("half", Message(gettext_noop("Median, days")), "count"),
            Heading("three_quarters", Message(gettext_noop("Three quarters took at most")), "count"),
        ),
        height="h-220",
    )


def _counted_layout(counts: Sequence[int]) -> dict[str, Any]:
    """Of bars that lie."""
    return {
        "xaxis": {**_GRID, "tickformat": ",d", "dtick": whole_ticks(max(counts))},
        "yaxis": {"showgrid": False, "tickfont": {"color": "var(--text-2)"}},
        "margin": {"t": 4},
        "meta": {"narrow": {"yaxis": {"tickfont": {"size": 10}}}},
    }


def _counted(names: Sequence[str], counts: Sequence[int]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(counts),
        "y": classes_text(names, longest=32),
        "width": 0.6,
        "marker": {"color": "var(--c1)"},
        "text": [str(count) for count in counts],
        "textposition": "outside",
        "cliponaxis": False,
        "showlegend": False,
        "hovertemplate": hover("%(y)s: %(x)s%(end)s", x="%{x}", y="%{y}"),
    }


def _count_table(counts: Sequence[tuple[str, int]]) -> Table:
    return Table({"name": [name for name, _n in counts], "projects": [n for _name, n in counts]})
