"""Markdown of people we do not know, as safe HTML: no HTML of theirs, no images, no odd links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: The section's own title is an h2 on the page.
FIRST_LEVEL = 3
_SCHEMES = frozenset({"http", "https", "mailto"})


def _is_safe(address: str) -> bool:
    """Whether a link may lead there: to the web, a mailbox, or within the portal or page."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return False
    return scheme in _SCHEMES or address.startswith(("/", "#"))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    parser.disable("image")  # a picture of another host would tell it who reads
    parser.validateLink = _is_safe  # type: ignore[method-assign, assignment]
    return parser


_PARSER = _parser()


def parse(text: str) -> list[Token]:
    """The tokens of a text; headings are shifted so that they stand below the section's and skip no level."""
    tokens = _PARSER.parse(text)
    open_levels: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            open_levels.append(level)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, FIRST_LEVEL + len(open_levels) - 1)}"
    return tokens


def plain_texts(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], int]]:
    """The places of plain text, outside code and links: (siblings, index), from the last to the first.

    From the last, so that a place may be replaced by several tokens while the caller walks on.
    """
    for token in tokens:
        children = token.children or []
        depth = 0
        for index in range(len(children) - 1, -1, -1):
            kind = children[index].type
            depth += (kind == "link_close") - (kind == "link_open")
            if kind == "text" and depth == 0:
                yield children, index


def replace(tokens: Sequence[Token], pieces: Callable[[str], list[str | SafeString]]) -> None:
    """Put ``pieces(text)`` in the place of each plain text; what is a `SafeString` there is HTML already."""
    for siblings, index in plain_texts(tokens):
        siblings[index : index + 1] = [
            Token("html_inline" if isinstance(piece, SafeString) else "text", "", 0, content=piece)
            for piece in pieces(siblings[index].content)
        ]


def to_html(tokens: Sequence[Token]) -> SafeString:
    """The HTML of tokens of `parse`."""
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("rel", "noopener noreferrer nofollow")
    html: str = _PARSER.renderer.render(list(tokens), _PARSER.options, {})
    wide = '<div class="table-wrap" tabindex="0">'
    html = html.replace("<table>", f"{wide}<table>").replace("</table>", "</table></div>")
    return mark_safe(html)  # noqa: S308  written by the renderer, which escapes all text
