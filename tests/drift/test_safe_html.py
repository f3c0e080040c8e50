"""What stands between a column name and a script of Evidently's page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from apps.drift.safe_html import plain, plain_names, safe_page

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "\u2028</ScRiPt >",
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def page(data: object) -> str:
    """Built as Evidently 0.7.23 builds its page: data, then the library, then the call that draws."""
    return (
        "<!DOCTYPE html>\n<html>\n<head>\n<style>p {}</style>\n"
        f"<script>\n    var shown = {json.dumps(data)};\n</script>\n</head>\n<body>\n"
        '<script>var library = "<script><\\/script>"</script>\n<script>draw(shown)</script>\n</body></html>'
    )


def test_data_cannot_leave_their_script() -> None:
    made = safe_page(page(dict.fromkeys(HOSTILE, HOSTILE)))
    tags = Tags()
    tags.feed(made)
    assert tags.found == ["html", "head", "meta", "style", "script", "body", "script", "script"]
    (data,) = re.findall(r"var shown = (.*);\n", made)
    assert json.loads(data) == dict.fromkeys(HOSTILE, HOSTILE)
    assert made.count("'sha256-") == 3
    assert "unsafe-eval" not in made


def test_names_and_values_lose_their_markup() -> None:
    assert plain("<a href=\"x\" id='y'>&`") == "＜a href=＂x＂ id=＇y＇＞＆｀"
    names = plain_names(["<b>", "＜b＞", "＜b＞ (2)", " ", "", "ok"])
    assert list(names.values()) == ["＜b＞", "＜b＞ (2)", "＜b＞ (2) (2)", "—", "— (2)", "ok"]
