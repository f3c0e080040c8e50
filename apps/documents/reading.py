"""The document as people read it: safe HTML with live references, and how complete each section is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.html import strip_spaces_between_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from markdown_it.token import Token

from apps.documents import markdown
from apps.documents.completeness import SectionState, answered, state_of
from apps.documents.models import DocumentVersion
from apps.documents.references import PATTERN, Key, Reference, find, key_of, resolve
from apps.documents.sections import SECTIONS, Question, Section
from apps.projects.models import Project

#: Makes the HTML of one reference; the second argument is the text as it was written.
Shown = Callable[[Reference | None, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReading:
    section: Section
    text: str
    html: SafeString
    state: SectionState
    answered: frozenset[Question]
    why_not: str = ""

    @property
    def title(self) -> str:
        return gettext(self.section.title)

    @property
    def questions(self) -> list[tuple[Question, bool]]:
        """Every question, and whether it is answered."""
        return [(question, question in self.answered) for question in self.section.questions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``references`` are in the order of kind and number; ``missing`` is what the project does not have."""

    sections: tuple[SectionReading, ...]
    references: tuple[Reference, ...]
    missing: tuple[Key, ...]

    def count(self, state: SectionState) -> int:
        return sum(reading.state == state for reading in self.sections)

    @property
    def needed(self) -> int:
        return len(self.sections) - self.count(SectionState.NOT_NEEDED)

    @property
    def asked(self) -> int:
        """The questions of all sections that are needed."""
        needed = (r for r in self.sections if r.state != SectionState.NOT_NEEDED)
        return sum(len(reading.section.questions) for reading in needed)

    @property
    def answered(self) -> int:
        needed = (r for r in self.sections if r.state != SectionState.NOT_NEEDED)
        return sum(len(reading.answered) for reading in needed)


def shown_live(reference: Reference | None, written: str) -> str:
    """A link with the present state; text with a mark when the project has no such thing."""
    rendered = render_to_string("documents/_reference.html", {"reference": reference, "written": written})
    return strip_spaces_between_tags(rendered.strip())  # a full stop follows without a gap


def read_document(project: Project, version: DocumentVersion | None, shown: Shown = shown_live) -> Reading:
    """All sections of a version (None: nothing was written yet), by at most eight queries."""
    texts: Mapping[str, str] = version.sections if version else {}
    reasons: Mapping[str, str] = version.not_needed if version else {}
    tokens = {key: markdown.parse(text) for key, text in texts.items()}
    keys = find(_plain(tokens.values()))
    references = resolve(project, keys)
    sections = (
        _read_section(
            section,
            texts.get(section.key, ""),
            tokens.get(section.key, []),
            reasons.get(section.key, ""),
            lambda plain: _pieces(plain, references, shown),
        )
        for section in SECTIONS
    )
    return Reading(
        sections=tuple(sections),
        references=tuple(references[key] for key in sorted(references)),
        missing=tuple(sorted(keys - set(references))),
    )


def read_text(project: Project, section: Section, text: str) -> SectionReading:
    """A text as it would be read in this section."""
    tokens = markdown.parse(text)
    references = resolve(project, find(_plain([tokens])))
    return _read_section(section, text, tokens, "", lambda plain: _pieces(plain, references, shown_live))


def _read_section(
    section: Section,
    text: str,
    tokens: list[Token],
    why_not: str,
    pieces: Callable[[str], list[str | SafeString]],
) -> SectionReading:
    done = answered(section, tokens)
    markdown.replace(tokens, pieces)
    return SectionReading(
        section=section,
        text=text,
        html=markdown.to_html(tokens),
        state=state_of(section, text, done, why_not),
        answered=done,
        why_not=why_not,
    )


def texts_to_html(project: Project, texts: Iterable[str]) -> list[SafeString]:
    """Texts outside the document, such as the parts of an architecture decision."""
    parsed = [markdown.parse(text) for text in texts]
    references = resolve(project, find(_plain(parsed)))
    for tokens in parsed:
        markdown.replace(tokens, lambda plain: _pieces(plain, references, shown_live))
    return [markdown.to_html(tokens) for tokens in parsed]


def _plain(parsed: Iterable[Sequence[Token]]) -> Iterator[str]:
    for tokens in parsed:
        yield from (siblings[index].content for siblings, index in markdown.plain_texts(tokens))


def _pieces(plain: str, references: Mapping[Key, Reference], shown: Shown) -> list[str | SafeString]:
    pieces: list[str | SafeString] = []
    end = 0
    for match in PATTERN.finditer(plain):
        pieces.append(plain[end : match.start()])
        pieces.append(SafeString(shown(references.get(key_of(match)), match[0])))
        end = match.end()
    return [*pieces, plain[end:]]
