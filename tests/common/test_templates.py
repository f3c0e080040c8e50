"""What the content security policy forbids is in no template, and what templates name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: A file to download: it is opened without the portal and its policy, and brings its own style.
DOWNLOAD = ROOT / "templates" / "documents" / "export.html"
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if path != DOWNLOAD)
CSS = sorted((ROOT / "static" / "css").glob("*.css"))
NAMES = [str(path.relative_to(ROOT)) for path in TEMPLATES]

FORBIDDEN = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\b(src|type=\"application/json\"))[^>]*>",
    "an event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "an htmx event attribute": r"\bhx-on",
    "a javascript address": r"javascript:",
    "a file of another host": r"(src|href)=[\"'](https?:)?//",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_templates_keep_the_policy(path: Path) -> None:
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_icons_exist(path: Path) -> None:
    named = re.findall(
        r"\{% icon \"([\w-]+)\"|\bicon=\"([\w-]+)\"|action_icon=\"([\w-]+)\"", path.read_text()
    )
    icons = {name for group in named for name in group if name}
    assert {name for name in icons if not (ROOT / f"static/vendor/lucide/{name}.svg").exists()} == set()


def test_style_sheets_name_known_tokens() -> None:
    text = "\n".join(path.read_text() for path in CSS)
    named = set(re.findall(r"var\((--[\w-]+)\)", text))
    assert named <= set(re.findall(r"(--[\w-]+):", text))


@pytest.mark.parametrize("path", [*CSS, *(ROOT / "static" / "js").glob("*.js")], ids=lambda path: path.name)
def test_files_of_ours_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 400
