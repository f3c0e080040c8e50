"""The document as a file that stands alone: references become words with their state and day."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from apps.documents.completeness import SectionState
from apps.documents.models import DocumentVersion
from apps.documents.reading import Reading, read_document
from apps.documents.references import PATTERN, Key, Reference, key_of
from apps.projects.models import Project

#: Code and the addresses of links are left as they are: fences, spans, addresses, automatic links.
#: No part can be read in two ways, so that hostile texts take no longer than others.
_UNTOUCHED = re.compile(
    r"^(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^(?P=fence)|\Z)|(?<!`)`++[^`\n]+`++"
    r"|\[[^\[\]\n]*\]\([^()\n]*\)|<[^<>\s]*>",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^(#{1,6})(?=\s)", re.MULTILINE)


def to_markdown(project: Project, version: DocumentVersion | None) -> str:
    """All sections in one Markdown text, those that are not written or not needed too."""
    reading = read_document(project, version, shown_in_words)
    known = {reference.key: reference for reference in reading.references}
    title = _("Design document: %(project)s") % {"project": project.name}
    parts = [f"# {_one_line(title)}", _head(version)]
    for section in reading.sections:
        parts.append(f"## {section.title}")
        if section.state == SectionState.NOT_NEEDED:
            parts.append(_("Not needed: %(reason)s") % {"reason": section.why_not})
        elif section.state == SectionState.EMPTY:
            parts.append(_("Not written yet."))
        else:
            parts.append(_in_words(section.text, known))
    if reading.references:
        parts += [f"## {_('References')}", _table(reading)]
    return "\n\n".join(parts) + "\n"


def to_html_file(project: Project, version: DocumentVersion | None) -> str:
    """One HTML file with its own style, which loads nothing from anywhere."""
    context = {
        "project": project,
        "version": version,
        "document": read_document(project, version, shown_in_words),
        "head": _head(version),
    }
    return render_to_string("documents/export.html", context)


def shown_in_words(reference: Reference | None, written: str) -> str:
    """ "R-01 (confirmed, since 3 November 2026)", as HTML."""
    return escape(_worded(reference, written))


def _worded(reference: Reference | None, written: str) -> str:
    state = reference.in_words if reference else _("there is no such thing in this project")
    return f"{written} ({state})" if state else written


def _in_words(text: str, known: Mapping[Key, Reference]) -> str:
    """The Markdown with a state behind each reference, and headings one level down, both outside code."""
    done: list[str] = []
    end = 0
    for match in _UNTOUCHED.finditer(text):
        done += [_plain(text[end : match.start()], known), match[0]]
        end = match.end()
    return "".join([*done, _plain(text[end:], known)])


def _plain(text: str, known: Mapping[Key, Reference]) -> str:
    text = _HEADING.sub(lambda match: "#" * min(6, len(match[1]) + 1), text)
    return PATTERN.sub(lambda match: _worded(known.get(key_of(match)), match[0]), text)


def _head(version: DocumentVersion | None) -> str:
    now = date_format(timezone.localtime(), "j E Y, H:i e")
    return _("Version %(number)d. References say what held on %(day)s.") % {
        "number": version.number if version else 0,
        "day": now,
    }


def _table(reading: Reading) -> str:
    rows = [(_("Mentioned"), _("What it is"), _("State")), ("---", "---", "---")]
    rows += [(r.code, r.title, r.in_words) for r in reading.references]
    return "\n".join(f"| {' | '.join(_one_line(cell) for cell in row)} |" for row in rows)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
