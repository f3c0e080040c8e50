"""The ways to compare a column, as the page of methods tells of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.compute.drift import statistics  # noqa: F401  # registers the methods
from apps.compute.drift.registry import TESTS, DriftTest
from apps.drift.checks import kinds_of
from apps.drift.words import KINDS, limit

_ROWS = gettext_lazy(
    "A p-value says how surprising the difference is, not how large: with many rows even a tiny, harmless "
    "difference is flagged, with few rows a large one is not."
)
_EMPTY_BINS = gettext_lazy(
    "It depends on how the values are cut into bins, and a value that one side never has weighs heavily."
)
_SPREAD = gettext_lazy(
    "It is measured in standard deviations of the reference: a few extreme values make them large and hide a "
    "shift of all others."
)
#: When a method misleads in a way of its own; the other p-values mislead by the number of rows.
_MISLEADS = {
    "wasserstein": _SPREAD,
    "jensenshannon": gettext_lazy("Values of one side only count little when they are rare."),
    "psi": _EMPTY_BINS,
    "kl_div": _EMPTY_BINS,
    "hellinger": gettext_lazy(
        "Rare values count more than their rows, so many rare categories look like drift."
    ),
    "ed": gettext_lazy("It has the unit of the column, so one limit does not fit two columns."),
    "TVD": gettext_lazy("Many rare categories differ by chance alone, and their differences add up."),
    "t_test": gettext_lazy(
        "It sees only the mean: values that spread wider around the same mean go unnoticed."
    ),
    "z": gettext_lazy("It is for two values; with few rows of one of them its p-value is too small."),
    "chisquare": gettext_lazy(
        "With fewer than about five rows expected of a value its p-value is not exact."
    ),
    "ks": gettext_lazy("It looks at the largest gap alone and sees little at the ends of a distribution."),
    "mannw": gettext_lazy("It sees only whether values tend to be larger, not whether they spread wider."),
}


@dataclass(frozen=True, slots=True)
class Method:
    """A `DriftTest` in the reader's words."""

    key: str
    label: str
    description: str
    misleads: str
    source: str
    limit: str
    is_p_value: bool
    kinds: str


def methods() -> list[Method]:
    """In the order in which they are offered."""
    return [_method(test) for test in TESTS.values()]


def _method(test: DriftTest) -> Method:
    return Method(
        key=test.key,
        label=_(test.label),
        description=_(test.description),
        misleads=str(_MISLEADS.get(test.key, _ROWS if test.is_p_value else "")),
        source=test.source,
        limit=limit(test.limit),
        is_p_value=test.is_p_value,
        kinds=", ".join(str(KINDS[kind]) for kind in kinds_of(test)),
    )
