"""Makes a page of Evidently's harmless.

Evidently writes its data into a ``<script>`` as JSON in which ``</script>`` in a column name or a value ends
the script and starts markup. Three walls, each enough by itself:

1. `plain` takes the characters that markup is made of out of names and values before Evidently sees them;
2. `safe_page` writes every "<" of the JSON as ``\\u003c``;
3. the page gets a content security policy of its own that allows exactly its own scripts, by their hashes,
   and no address at all. It travels with the file, so a downloaded page asks for nothing either.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

#: Characters of markup and script, and the full-width ones that look like them.
LOOK_ALIKES = str.maketrans("<>&\"'`", "＜＞＆＂＇｀")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; font-src data:; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)


def plain(text: str) -> str:
    """The text without a character that could begin markup; a reader sees nearly the same."""
    return text.translate(LOOK_ALIKES)


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """Each name and its `plain` form; no two are equal and none is empty."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = plain(name).strip() or "—"
        unique, number = base, 1
        while unique in taken:
            number += 1
            unique = f"{base} ({number})"
        taken.add(unique)
        found[name] = unique
    return found


def safe_page(html: str) -> str:
    """The page with its data escaped and its policy in it. ValueError: it is built otherwise."""
    opening = html.index("<script>") + len("<script>")
    closing = html.index("\n</script>", opening)  # JSON has no line break of its own
    data = html[opening:closing].replace("<", "\\u003c")
    html = html[:opening] + data + html[closing:]
    scripts = " ".join(_hash(script) for script in _SCRIPT.findall(html))
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(scripts=scripts)}">'
    head = html.index("<head>") + len("<head>")
    return html[:head] + policy + html[head:]


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
