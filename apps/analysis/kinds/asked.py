"""Checks that several questions make of their parameters."""

from __future__ import annotations

from typing import Any

from apps.analysis.registry import Params
from apps.compute.messages import InputRejected, gettext_noop


def only(params: Params, *known: str) -> None:
    """InputRejected for a parameter that the question does not have: left aside it would mislead."""
    if strange := sorted(set(params) - set(known)):
        raise InputRejected(
            "unknown_parameter",
            gettext_noop("This question has no parameter “%(name)s”. It has: %(known)s."),
            name=str(strange[0])[:50],
            known=", ".join(known) or "—",
        )


def text(params: Params, name: str) -> str:
    """The text ``name``, "" where it is not given."""
    value = params.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputRejected("text_wanted", gettext_noop("The parameter “%(name)s” is a text."), name=name)
    return value


def texts(params: Params, name: str, most: int) -> list[str]:
    """The list of texts ``name`` without repetitions, empty where it is not given."""
    values = params.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputRejected(
            "list_wanted", gettext_noop("The parameter “%(name)s” is a list of texts."), name=name
        )
    values = list(dict.fromkeys(values))
    if len(values) > most:
        raise InputRejected(
            "too_many",
            gettext_noop("The parameter “%(name)s” takes at most %(most)d entries; %(count)d were given."),
            name=name,
            most=most,
            count=len(values),
        )
    return values


def whole(params: Params, name: str, least: int, most: int = 2**31 - 1) -> int | None:
    """The whole number ``name`` from ``least`` to ``most``; None where it is not given."""
    value: Any = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputRejected(
            "whole_number_wanted",
            gettext_noop("The parameter “%(name)s” is a whole number from %(least)d to %(most)d."),
            name=name,
            least=least,
            most=most,
        )
    return value
