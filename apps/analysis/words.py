"""Slices as people say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.translate import translate
from apps.compute.conditions import Condition, Op, describe, from_slice
from apps.compute.weak_slices_result import Kind, WeakSlice

#: So many values of a condition are listed.
MOST_LISTED = 5
OPS = {
    Op.IS.value: gettext_lazy("is"),
    Op.IS_NOT.value: gettext_lazy("is not"),
    Op.AT_LEAST.value: gettext_lazy("is at least"),
    Op.BELOW.value: gettext_lazy("is below"),
    Op.MISSING.value: gettext_lazy("is missing"),
}


def conditions_in_words(conditions: Iterable[Mapping[str, Any]]) -> str:
    """ "sex is Female and age is at least 40"; of many values only the first. "all rows" for no condition."""
    said = [_condition(Condition.from_json(each)) for each in conditions]
    return _(" and ").join(said) if said else _("all rows")


def found_in_words(found: WeakSlice) -> str:
    """A slice of the search; one of pooled rare values is named so."""
    if any(part.kind is Kind.OTHER for part in found.conditions):
        return _(" and ").join(
            _("%(column)s is a rarer value") % {"column": part.column}
            if part.kind is Kind.OTHER
            else conditions_in_words(c.to_json() for c in from_slice(replace(found, conditions=(part,))))
            for part in found.conditions
        )
    return conditions_in_words(condition.to_json() for condition in from_slice(found))


def slice_in_words(params: Mapping[str, Any]) -> str:
    """The rows that a question for the worst rows is about."""
    if params.get("name"):
        return f"{params['name']} ({conditions_in_words(params['conditions'])})"
    if params.get("column"):
        return f"{params['column']} = {params['value']}"
    return conditions_in_words(params.get("conditions", ()))


def chance_in_words(p: float) -> str:
    """A corrected p-value below 0.05 as how seldom chance alone finds as much."""
    for limit, words in ((0.001, _("less than 1 in 1,000")), (0.01, _("less than 1 in 100"))):
        if p < limit:
            return words
    return _("less than 1 in 20")


def _condition(condition: Condition) -> str:
    more = len(condition.values) - MOST_LISTED
    if more <= 0:
        return translate(describe(condition))
    short = Condition(condition.column, condition.op, condition.values[:MOST_LISTED])
    return _("%(words)s or %(more)d more") % {"words": translate(describe(short)), "more": more}
