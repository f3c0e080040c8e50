"""Figures of rankings: by length of the list, over queries, by number of documents, over time."""

from __future__ import annotations

from typing import Any

from apps.compute.figures.regression import band
from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    bars,
    classes_text,
    count_axis,
    hover,
    line,
    metric,
    rounded,
    share_axis,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table

MOST_DRAWN = 20
#: Queries below this are called poor.
POOR = 0.5
NOTABLE = 0.05

_NDCG = gettext_noop("NDCG")
_BOUNDS = (
    Heading("ndcg", Message(_NDCG), "score"),
    Heading("low", Message(gettext_noop("Interval from")), "score"),
    Heading("high", Message(gettext_noop("Interval to")), "score"),
)
_QUERIES = Heading("n", Message(gettext_noop("Queries")), "count")


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "ndcg_by_k": by_k,
        "query_histogram": histogram,
        "worst_queries": worst,
        "ndcg_by_documents": by_documents,
        "ndcg_by_time": by_time,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def by_k(result: EvaluationResult) -> Figure:
    table = result.tables["ndcg_by_k"]
    columns, k = table.columns, list(table.columns["k"])
    ends = {
        "first": Quantity(columns["hit_rate"][0], "share"),
        "last": Quantity(columns["recall"][-1], "share"),
    }
    return Figure(
        key="ndcg_by_k",
        title=text(gettext_noop("In %(first)s of the queries the first document is relevant"), **ends),
        subtitle=text(
            gettext_noop("Means over %(n)s queries of the first k documents. Band: 95%% interval of NDCG."),
            n=Quantity(columns["n"][0], "count"),
        ),
        alt=text(
            gettext_noop(
                "NDCG, recall and precision over the length of the list. %(first)s of the queries have a "
                "relevant document in the first place; the first %(k)d documents hold %(last)s of what is "
                "relevant."
            ),
            k=k[-1],
            **ends,
        ),
        data=[
            band(k, columns["low"], columns["high"], Message(INTERVAL_TEXT)),
            _line(_NDCG, k, columns["ndcg"]),
            _line(gettext_noop("Recall"), k, columns["recall"], colour="--c2", dash="dash"),
            _line(gettext_noop("Precision"), k, columns["precision"], colour="--c3", dash="dot"),
        ],
        layout={"xaxis": axis(gettext_noop("Documents (k)"), rangemode="tozero"), "yaxis": share_axis("")},
        table=table,
        headings=(
            Heading("k", Message(gettext_noop("Documents (k)")), "count"),
            *_BOUNDS,
            Heading("recall", Message(gettext_noop("Recall")), "share"),
            Heading("precision", Message(gettext_noop("Precision")), "share"),
            Heading("hit_rate", Message(gettext_noop("Hit rate")), "share"),
            _QUERIES,
        ),
    )


def _line(name: str, x: list[Any], y: Any, **look: str) -> dict[str, Any]:
    label = hover(gettext_noop("%(x)s documents: %(y)s%(end)s"), x="%{x}", y="%{y:.3f}")
    return line(Message(name), x, rounded(y), hovertemplate=label, **look)


def histogram(result: EvaluationResult) -> Figure:
    table = result.tables["query_histogram"]
    mean = metric(result, "ndcg")
    total = sum(table.columns["n"])
    poor = sum(n for high, n in table.rows("high", "n") if high <= POOR + 1e-9)
    values = {
        "share": Quantity(poor / total, "share"),
        "mean": Quantity.of(mean, "score") if mean else Quantity(None, "score"),
        "n": Quantity(total, "count"),
    }
    return Figure(
        key="query_histogram",
        title=text(gettext_noop("%(share)s of the queries stay below an NDCG of 0.5"), **values),
        subtitle=text(gettext_noop("NDCG of all documents of each of %(n)s queries."), **values),
        alt=text(
            gettext_noop("Histogram of NDCG over queries. The mean is %(mean)s; %(share)s are below 0.5."),
            **values,
        ),
        data=[
            bars(
                Message(gettext_noop("Queries")),
                table,
                "n",
                hovertemplate=hover(
                    gettext_noop("NDCG %(x)s: %(y)s queries%(end)s"), x="%{x:.3f}", y="%{y:,}"
                ),
            )
        ],
        layout={
            "bargap": 0.05,
            "showlegend": False,
            "xaxis": axis(_NDCG, range=[0, 1]),
            "yaxis": count_axis(gettext_noop("Queries")),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "level"),
            Heading("high", Message(gettext_noop("To")), "level"),
            _QUERIES,
        ),
    )


def worst(result: EvaluationResult) -> Figure:
    table = result.tables["worst_queries"]
    names = list(table.columns["query"])[:MOST_DRAWN]
    values = rounded(table.columns["ndcg"][:MOST_DRAWN])
    first = {"query": names[0], "value": Quantity(table.columns["ndcg"][0], "score")}
    return Figure(
        key="worst_queries",
        title=text(gettext_noop("Query “%(query)s” is served worst: NDCG %(value)s"), **first),
        subtitle=text(
            gettext_noop("The %(shown)d queries with the lowest NDCG. The numbers list up to 200."),
            shown=len(names),
        ),
        alt=text(
            gettext_noop("Bars of the %(shown)d worst queries. “%(query)s” is worst with %(value)s."),
            shown=len(names),
            **first,
        ),
        data=[
            {
                "type": "bar",
                "orientation": "h",
                "name": Message(_NDCG),
                "x": values,
                "y": list(range(len(names))),
                "customdata": classes_text(names, longest=80),
                "marker": {"color": "var(--c1)"},
                "hovertemplate": hover(
                    gettext_noop("%(name)s: %(x)s%(end)s"), name="%{customdata}", x="%{x:.3f}"
                ),
            }
        ],
        layout={
            "showlegend": False,
            "xaxis": axis(_NDCG, range=[0, 1]),
            "yaxis": axis(
                gettext_noop("Query"),
                range=[len(names) - 0.5, -0.5],
                tickvals=list(range(len(names))),
                ticktext=classes_text(names, longest=40),
            ),
        },
        table=table,
        headings=(
            Heading("query", Message(gettext_noop("Query"))),
            Heading("ndcg", Message(_NDCG), "score"),
            Heading("average_precision", Message(gettext_noop("Average precision")), "score"),
            Heading("reciprocal_rank", Message(gettext_noop("Reciprocal rank")), "score"),
            Heading("documents", Message(gettext_noop("Documents")), "count"),
            Heading("relevant", Message(gettext_noop("Relevant documents")), "count"),
        ),
        height="h-420" if len(names) > 6 else "h-300",
    )


def by_documents(result: EvaluationResult) -> Figure:
    table = result.tables["ndcg_by_documents"]
    columns = table.columns
    ends = [Quantity(columns["ndcg"][place], "score") for place in (0, -1)]
    change = columns["ndcg"][-1] - columns["ndcg"][0]
    apart = len(table) > 1 and _apart(table)
    if apart and change < 0:
        title = gettext_noop("Queries with many documents are served worse")
    elif apart and change > 0:
        title = gettext_noop("Queries with few documents are served worse")
    else:
        title = gettext_noop("Queries with few and with many documents are served alike")
    names = [
        f"{a:,}" if a == b else f"{a:,} – {b:,}" for a, b in table.rows("documents_from", "documents_to")
    ]
    return Figure(
        key="ndcg_by_documents",
        title=Message(title),
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("NDCG by the number of documents of the query, with 95% intervals.")
        ),
        alt=text(
            gettext_noop(
                "NDCG by number of documents: %(first)s for the fewest and %(last)s for the most documents."
            ),
            first=ends[0],
            last=ends[1],
        ),
        data=[
            {
                "type": "scatter",
                "mode": "markers",
                "name": Message(_NDCG),
                "x": list(range(len(names))),
                "y": rounded(columns["ndcg"]),
                "customdata": names,
                "marker": {"size": 9, "color": "var(--c1)"},
                "error_y": _arms(table),
                "hovertemplate": hover(
                    gettext_noop("%(name)s documents: %(y)s%(end)s"), name="%{customdata}", y="%{y:.3f}"
                ),
            }
        ],
        layout={
            "showlegend": False,
            "xaxis": axis(gettext_noop("Documents"), tickvals=list(range(len(names))), ticktext=names),
            "yaxis": share_axis(_NDCG),
        },
        table=table,
        headings=(
            Heading("documents_from", Message(gettext_noop("Documents from")), "count"),
            Heading("documents_to", Message(gettext_noop("To")), "count"),
            *_BOUNDS,
            _QUERIES,
        ),
    )


def _apart(table: Table) -> bool:
    """Whether the intervals of the first and the last row do not overlap."""
    (low, high), (other_low, other_high) = (table.rows("low", "high")[place] for place in (0, -1))
    return None not in (low, high, other_low, other_high) and (high < other_low or other_high < low)


def _arms(table: Table) -> dict[str, Any]:
    """Arms of the intervals; none where there is no interval."""
    rows = table.rows("ndcg", "low", "high")
    return {
        "type": "data",
        "symmetric": False,
        "array": rounded([0.0 if high is None else max(0.0, high - value) for value, _low, high in rows]),
        "arrayminus": rounded([0.0 if low is None else max(0.0, value - low) for value, low, _high in rows]),
        "color": "var(--c1)",
        "thickness": 1.2,
        "width": 0,
    }


def by_time(result: EvaluationResult) -> Figure:
    table = result.tables["ndcg_by_time"]
    columns, x = table.columns, list(table.columns["start"])
    known = [value for value in columns["value"] if value is not None]
    third = max(1, len(known) // 3)
    first, last = (sum(part) / third if known else 0.0 for part in (known[:third], known[-third:]))
    values = {"first": Quantity(first, "score"), "last": Quantity(last, "score")}
    if last < first - NOTABLE:
        title = text(gettext_noop("Queries are served worse over time: from %(first)s to %(last)s"), **values)
    elif last > first + NOTABLE:
        title = text(
            gettext_noop("Queries are served better over time: from %(first)s to %(last)s"), **values
        )
    else:
        title = Message(gettext_noop("Queries are served alike over time"))
    return Figure(
        key="ndcg_by_time",
        title=title,
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Mean NDCG of the queries of each period, with its 95% interval.")
        ),
        alt=text(
            gettext_noop("NDCG over time: %(first)s in the first third and %(last)s in the last."), **values
        ),
        data=[
            band(x, columns["low"], columns["high"], Message(INTERVAL_TEXT)),
            line(
                Message(_NDCG),
                x,
                rounded(columns["value"]),
                hovertemplate=hover(gettext_noop("NDCG %(y)s%(end)s"), y="%{y:.3f}"),
            ),
        ],
        layout={"xaxis": axis(gettext_noop("Time")), "yaxis": share_axis(_NDCG)},
        table=table,
        headings=(
            Heading("start", Message(gettext_noop("From"))),
            Heading("end", Message(gettext_noop("To"))),
            Heading("value", Message(_NDCG), "score"),
            *_BOUNDS[1:],
            _QUERIES,
        ),
    )
