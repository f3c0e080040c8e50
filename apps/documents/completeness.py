"""How complete a section is, by a rule that anybody can check: which questions have an answer?

It counts, it does not judge: whether an answer is right, only a reader can say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.db import models
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from markdown_it.token import Token

from apps.documents.sections import Question, Section

#: An answer has at least this many words.
LEAST_WORDS = 5
_WORD = re.compile(r"\w+")


class SectionState(models.TextChoices):
    EMPTY = "empty", _("not written")
    DRAFT = "draft", _("draft")
    WRITTEN = "written", _("written")
    NOT_NEEDED = "not_needed", _("not needed")


def answered(section: Section, tokens: Sequence[Token]) -> frozenset[Question]:
    """The questions with at least `LEAST_WORDS` words below a heading that is their title, in any language.

    What belongs to a heading ends at the next one of its level or above.
    """
    words: dict[Question, int] = {}
    open_headings: list[tuple[str, Question | None]] = []
    is_heading = False
    for token in tokens:
        if token.type == "heading_open":
            open_headings = [entry for entry in open_headings if entry[0] < token.tag]
            open_headings.append((token.tag, None))
        is_heading = token.type == "heading_open" or (is_heading and token.type != "heading_close")
        if token.type == "inline" and is_heading:
            open_headings[-1] = (open_headings[-1][0], _question(section, token.content))
        elif token.type in ("inline", "fence", "code_block"):
            count = len(_WORD.findall(token.content))
            for _tag, question in open_headings:
                if question is not None:
                    words[question] = words.get(question, 0) + count
    return frozenset(question for question, count in words.items() if count >= LEAST_WORDS)


def state_of(section: Section, text: str, done: frozenset[Question], why_not: str) -> SectionState:
    if why_not:
        return SectionState.NOT_NEEDED
    if not text.strip():
        return SectionState.EMPTY
    return SectionState.WRITTEN if len(done) == len(section.questions) else SectionState.DRAFT


def _question(section: Section, heading: str) -> Question | None:
    wanted = _folded(heading)
    return next((question for question in section.questions if wanted in _titles(question)), None)


@cache
def _titles(question: Question) -> frozenset[str]:
    """The title in every language of the portal: a document may be written in one and read in another."""
    titles = {question.title}
    for language, _name in settings.LANGUAGES:
        with override(language):
            titles.add(gettext(question.title))
    return frozenset(_folded(title) for title in titles)


def _folded(heading: str) -> str:
    return " ".join(_WORD.findall(heading)).casefold()
