"""Checks that all services of this app share: texts, choices, numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.utils import translation

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.projects.models import Project

#: What PostgreSQL's integer holds.
MOST = 2_147_483_647
#: A measure beyond this is a slip of the keyboard, and products of two might be beyond all numbers.
MOST_MEASURED = 1e15
#: Days before this are slips of the pen, and the first of the calendar lies before it in another time zone.
EARLIEST = date(1990, 1, 1)


def label_of(model: type[models.Model], name: str) -> Message:
    """The field's name for people: its untranslated text is the message id."""
    with translation.override(None):
        return Message(str(getattr(model._meta.get_field(name), "verbose_name", name)))


def check_texts(model: type[models.Model], fields: object, *, required: Iterable[str] = ()) -> None:
    """Each text of ``fields`` fits the model's field of the same name; ``required`` ones say something.

    Choices are no texts: `check_choice` looks at them.
    """
    needed = set(required)
    for name in getattr(fields, "__dataclass_fields__", ()):
        value = getattr(fields, name)
        if isinstance(value, str) and not getattr(model._meta.get_field(name), "choices", None):
            check_text(model, name, value, required=name in needed)


def check_text(model: type[models.Model], name: str, value: str, *, required: bool = False) -> None:
    label = label_of(model, name)
    if required and not value.strip():
        raise InputRejected(
            "empty_text", gettext_noop("“%(field)s” is empty. Write a sentence."), field=label
        )
    if "\0" in value:
        raise InputRejected(
            "odd_characters",
            gettext_noop("“%(field)s” holds a NUL character. Write it again without."),
            field=label,
        )
    most = getattr(model._meta.get_field(name), "max_length", None)
    if most is not None and len(value) > most:
        raise InputRejected(
            "text_too_long",
            gettext_noop("“%(field)s” has %(length)s characters; at most %(most)s fit. Shorten it."),
            field=label,
            length=len(value),
            most=most,
        )


def check_choice(model: type[models.Model], name: str, value: Any, *, required: bool = True) -> None:
    choices = [choice for choice, _label in getattr(model._meta.get_field(name), "choices", None) or ()]
    if value in choices or (not required and value in ("", None)):
        return
    raise InputRejected(
        "unknown_choice",
        gettext_noop("“%(value)s” is no choice for “%(field)s”. Choose one of: %(choices)s."),
        value=str(value)[:100],
        field=label_of(model, name),
        choices=", ".join(str(choice) for choice in choices),
    )


def check_number(
    model: type[models.Model],
    name: str,
    value: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    required: bool = False,
) -> None:
    """A finite number between ``low`` and ``high``, ends included."""
    label = label_of(model, name)
    if value is None:
        if required:
            raise InputRejected("no_number", gettext_noop("“%(field)s” needs a number."), field=label)
        return
    if not math.isfinite(value):
        raise InputRejected("no_number", gettext_noop("“%(field)s” needs a finite number."), field=label)
    if low is not None and value < low:
        raise InputRejected(
            "number_too_small",
            gettext_noop("“%(field)s” must be at least %(low)s; it is %(value)s."),
            field=label,
            low=low,
            value=value,
        )
    if high is not None and value > high:
        raise InputRejected(
            "number_too_large",
            gettext_noop("“%(field)s” must be at most %(high)s; it is %(value)s."),
            field=label,
            high=high,
            value=value,
        )


def check_same_project(project: Project, thing: Any, name: str = "") -> None:
    """What a requirement refers to belongs to its own project."""
    if thing is not None and thing.project_id != project.pk:
        raise InputRejected(
            "of_other_project",
            gettext_noop("“%(name)s” belongs to another project. Choose one of this project."),
            name=name or str(thing),
        )


def check_not_too_early(day: date) -> None:
    if day < EARLIEST:
        raise InputRejected(
            "day_too_early",
            gettext_noop("%(day)s is too early. The earliest possible day is %(earliest)s."),
            day=day,
            earliest=EARLIEST,
        )


def check_reason(model: type[models.Model], reason: str) -> None:
    check_text(model, "reason", reason, required=True)
