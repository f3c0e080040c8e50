"""Tags and includes, rendered as a page would."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from apps.common.charts import TABLE_ROWS
from apps.common.context import VERSION
from apps.common.verdict_bar import verdict_segments
from apps.compute.figures import Figure, Heading, Quantity
from apps.compute.messages import Message
from apps.compute.results import Table


def render(source: str, address: str = "/", **context: object) -> str:
    return engines["django"].from_string(source).render(context, RequestFactory().get(address))


def test_an_unknown_icon_says_where_to_add_it() -> None:
    with pytest.raises(LookupError, match=r"icons\.txt"):
        render('{% icon "no-such-icon" %}')


def test_icons_are_hidden_from_screen_readers() -> None:
    assert re.match(r'<svg class="i i-16" .*aria-hidden="true"><path ', render('{% icon "check" "i-16" %}'))


def test_pages_keep_the_query() -> None:
    page = Paginator(range(1_240), 50).page(3)
    text = unescape(render("{% pagination page %}", "/runs/?q=a%26b&sort=-n&page=3", page=page))
    assert "101 to 150 of 1,240" in text
    assert 'href="?q=a%26b&sort=-n&page=4"' in text
    assert text.count('aria-current="page"') == 1


def test_one_page_has_no_links() -> None:
    text = render("{% pagination page %}", page=Paginator(range(3), 50).page(1))
    assert "1 to 3 of 3" in text
    assert "href" not in text


@pytest.mark.parametrize(
    ("sort", "aria", "link"),
    [
        ("n", 'aria-sort="ascending"', "?q=x&sort=-n"),
        ("-n", 'aria-sort="descending"', "?q=x&sort=n"),
        ("name", "<th scope", "?q=x&sort=n"),
    ],
)
def test_heads_sort_both_ways(sort: str, aria: str, link: str) -> None:
    text = unescape(render('{% sort_head "n" "Rows" %}', "/?q=x&page=7&sort=" + sort, sort=sort))
    assert aria in text
    assert f'href="{link}"' in text


@pytest.mark.parametrize(
    ("person", "letters"), [("Data team", "DT"), ("ops@example.com", "O"), ("a.b-c@x", "AC"), ("", "")]
)
def test_initials(person: str, letters: str) -> None:
    assert render("{{ person|initials }}", person=person) == letters


def _figure(rows: int) -> Figure:
    table = Table(
        {"class": [f"</script><b>{i}" for i in range(rows)], "share": [i / rows for i in range(rows)]}
    )
    return Figure(
        key="a_b",
        title=Message("“%(name)s” is 87%%", {"name": "<i>x</i>"}),
        subtitle=Message("All rows"),
        alt=Message("A line"),
        data=[{"type": "bar", "x": [Message("Recall")], "y": [0.5], "text": [Quantity(0.5, "share")]}],
        layout={},
        table=table,
        headings=(Heading("class", Message("Class")), Heading("share", Message("Share"), "share")),
    )


def test_a_chart_has_its_finding_its_json_and_its_numbers() -> None:
    text = render("{% chart figure %}", figure=_figure(3))
    assert "&lt;i&gt;x&lt;/i&gt;” is 87%</h2>" in text
    assert "<i>" not in text
    assert "<b>" not in text
    sent = json.loads(re.search(r'<script id="figure-a-b" type="application/json">(.*?)</script>', text)[1])
    assert sent["data"][0]["text"] == ["50.0%"]
    assert sent["table"]["share"] == [0, 1 / 3, 2 / 3]
    assert text.count("<tr>") == 4
    assert "66.7%" in text


def test_long_numbers_are_thinned_and_say_so() -> None:
    text = render("{% chart figure %}", figure=_figure(1_000))
    assert text.count("<tr>") == TABLE_ROWS + 1
    assert "100 of 1000 rows" in text.replace(",", "")
    assert "99.9%" in text  # the last one is kept


def test_the_version_is_that_of_the_project() -> None:
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_the_verdict_bar_is_as_long_as_its_requirements() -> None:
    """Widths as in the design: 5 confirmed, 2 contradicting, 1 refuted and 2 unverified on 200."""
    counts = {"confirmed": 5, "contradicting": 2, "refuted": 1, "unverified": 2}
    drawn = [(part.colour, part.x, part.width) for part in verdict_segments(counts)]
    assert drawn == [
        ("ok", "0.0", "98.5"),
        ("mix", "100.0", "38.5"),
        ("bad", "140.0", "18.5"),
        ("none", "160.0", "40.0"),
    ]
    assert verdict_segments({}) == []
