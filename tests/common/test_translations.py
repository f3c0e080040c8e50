"""Every sentence of the sources is in the compiled Russian catalogue, with the places of the original.

Works without gettext's own programs: Python files are read as syntax trees, templates by Django's extractor.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override
from django.utils.translation.template import templatize

from apps.common.translate import translate
from apps.compute.messages import Message
from apps.jobs.ending import message_json
from tests.factories import make_project

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "locale" / "ru" / "LC_MESSAGES" / "django"
#: Function -> how many of its first arguments are texts, and whether the first of them is a context.
MARKS = {
    "_": (1, False),
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (2, True),
    "pgettext_lazy": (2, True),
    "npgettext": (3, True),
}
STRING = r"(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
MARKED = re.compile(rf"\b(?:{'|'.join(MARKS)})\(\s*[ur]?{STRING}(?:\s*,\s*[ur]?{STRING})*\s*(?:,\s*count)?\)")

Texts = tuple[str, ...]  # (text), (text, plural)


def marked(source: str) -> Iterator[Texts]:
    """The texts that a Python source marks for translation; a context is put before its text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in MARKS:
            continue
        count, with_context = MARKS[name]
        given = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
        if len(given) < count:
            continue  # a variable: its text is marked where it is written
        texts = tuple(str(text) for text in given)
        yield (f"{texts[0]}\x04{texts[1]}", *texts[2:]) if with_context else texts


def marked_in_sources() -> set[Texts]:
    found: set[Texts] = set()
    for folder in ("apps", "mlsd_portal"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(marked(path.read_text()))
    for path in (ROOT / "templates").rglob("*.html"):
        calls = MARKED.findall(templatize(path.read_text()))
        found |= set(marked("\n".join(calls)))
    return found


def compiled() -> dict[str | tuple[str, int], str]:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def written() -> dict[str, dict[str, str]]:
    """The entries of the .po file: text (its context before it) -> field -> text."""
    entries: dict[str, dict[str, str]] = {}
    for block in CATALOGUE.with_suffix(".po").read_text().split("\n\n"):
        fields: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            field = line.split(" ", 1)[0] if line[0] != '"' else field
            fields[field] = fields.get(field, "") + ast.literal_eval(line[line.index('"') :])
        if fields:
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            entries[context + fields["msgid"]] = fields
    return entries


def test_every_marked_text_has_a_russian_one() -> None:
    russian = compiled()
    wanted = marked_in_sources()
    assert len(wanted) > 900  # the extraction works
    lacking = [texts for texts in wanted if (texts[0] if len(texts) == 1 else (texts[0], 0)) not in russian]
    assert sorted(lacking) == []


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    russian = compiled()
    for text, fields in written().items():
        if "msgid_plural" in fields:
            assert [russian[text, n] for n in range(4)] == [fields[f"msgstr[{n}]"] for n in range(4)]
        elif text:
            assert russian[text] == fields["msgstr"]


def pairs() -> list[tuple[str, str]]:
    """Each original with each of its translations."""
    return [
        (fields.get("msgid_plural", fields["msgid"]), fields[name])
        for text, fields in written().items()
        if text
        for name in fields
        if name.startswith("msgstr")
    ]


def test_translations_keep_the_places_and_the_tags() -> None:
    for pattern in (r"%\(\w+\)[sd]", r"\{\w*\}", r"</?\w+"):
        changed = [
            (text, russian)
            for text, russian in pairs()
            if set(re.findall(pattern, text)) != set(re.findall(pattern, russian))
        ]
        assert changed == []


def test_translations_take_values_where_the_originals_do() -> None:
    values: defaultdict[str, int] = defaultdict(int)
    for text, russian in pairs():
        if re.search(r"%\(\w+\)", text):
            assert russian % values


@pytest.mark.django_db
def test_pages_are_in_russian(client: Client) -> None:
    russian = {"Accept-Language": "ru"}
    with override("en"):  # the language of a request stays active after it
        login = client.get("/accounts/login/", headers=russian).content.decode()
        assert '<html lang="ru"' in login
        assert "Войти" in login

        project = make_project(name="Отток клиентов")
        client.force_login(project.created_by)
        listed = client.get("/", headers=russian).content.decode()
        assert "Портфель</h1>" in listed
        assert "Новый проект" in listed


def test_words_inside_a_sentence_are_translated_after_storage_too() -> None:
    sentence = Message(
        "%(first)s and %(second)s, %(percent)s%% are %(second)s", {"first": 0, "second": 1, "percent": 3.5}
    )
    role = Message(
        "Another column has the role “%(role)s” of “%(label)s” as well.",
        {"role": Message("Probability"), "label": "fraud"},
    )
    with override("ru"):
        assert translate(message_json(sentence)) == "0 и 1; доля 1 — 3,5\u00a0%"
        assert translate(message_json(role)) == "Роль «Вероятность» для «fraud» есть и у другого столбца."
    with override("en"):
        assert translate(role) == "Another column has the role “Probability” of “fraud” as well."
