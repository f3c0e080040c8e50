"""The charts of the portfolio, from the numbers of `totals` and one more statement for the money."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.compute.figures import Figure, portfolio
from apps.compute.figures.portfolio import PhaseDays, ProjectValue
from apps.dashboards.totals import Totals, verdicts_by_week
from apps.lifecycle.models import Phase
from apps.projects.models import Project, UseCase
from apps.requirements.models import ValueCase

VALUES_SHOWN = 12
#: Of `totals.PRODUCTION_BINS`; the first three are up to 90 days.
BIN_NAMES = (_("up to 7 days"), _("8 to 30 days"), _("31 to 90 days"), _("91 to 365 days"), _("over a year"))
QUICK_BINS = 3


def portfolio_figures(user: User, totals: Totals, now: datetime) -> list[Figure]:
    """Those that have something to show; needs at most two queries."""
    return [
        *_values(user, totals),
        *_verdicts(user, totals, now),
        *_use_cases(totals),
        *_production(totals),
        *_durations(totals),
    ]


def _values(user: User, totals: Totals) -> list[Figure]:
    """In the currency with the most evidence: amounts of two currencies share no scale."""
    if not totals.money:
        return []
    currency = totals.money[0].currency
    cases = ValueCase.objects.in_force(OuterRef("pk"))
    projects = (
        Project.objects.visible_to(user)
        .annotate(
            currency=Subquery(cases.values("currency")),
            hoped=Subquery(cases.values("hoped_per_year")),
        )
        .filter(currency=currency)
        .order_by(F("judgement__value").desc(nulls_last=True), F("hoped").desc(nulls_last=True), "pk")
        .values_list("name", "judgement__value", "judgement__low", "judgement__high", "hoped")
    )
    rows = [
        ProjectValue(name=name, value=value, low=low, high=high, hoped=hoped)
        for name, value, low, high, hoped in projects
    ]
    shown = rows[:VALUES_SHOWN]
    return [portfolio.value_against_hope(shown, currency, len(rows) - len(shown))] if shown else []


def _verdicts(user: User, totals: Totals, now: datetime) -> list[Figure]:
    if not totals.requirements:
        return []
    weeks = verdicts_by_week(user, now)
    return [portfolio.verdicts_by_week(weeks.days, weeks.counts)]


def _use_cases(totals: Totals) -> list[Figure]:
    names = dict(UseCase.choices)
    counts = sorted(totals.use_cases.items(), key=lambda item: (-item[1], item[0]))
    return [portfolio.use_cases([(str(names[key]), n) for key, n in counts])] if counts else []


def _production(totals: Totals) -> list[Figure]:
    bins = [(str(name), n) for name, n in zip(BIN_NAMES, totals.production_bins, strict=True)]
    if not any(totals.production_bins):
        return []
    return [portfolio.time_to_production(bins, sum(totals.production_bins[:QUICK_BINS]))]


def _durations(totals: Totals) -> list[Figure]:
    phases = [
        PhaseDays(
            name=str(kind.label),
            n=found.n,
            quarter=found.quarter,
            half=found.half,
            three_quarters=found.three_quarters,
        )
        for kind in Phase.Kind
        if (found := totals.durations.get(kind.value)) is not None
    ]
    return [portfolio.phase_durations(phases)] if phases else []
