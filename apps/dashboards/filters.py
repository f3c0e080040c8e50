"""Which projects the portfolio shows, and in which order: from the query of the address to one queryset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    FloatField,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Coalesce, Greatest, JSONObject, NullIf
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.evaluations.models import Run
from apps.history.models import Change
from apps.lifecycle.models import Decision, Phase
from apps.monitoring.models import Monitor
from apps.monitoring.pages.lights import LIGHTS, rank_of
from apps.projects.models import Membership, Project, Role, UseCase
from apps.requirements.models import Conflict, Requirement, ValueCase, VerdictState

LONGEST_QUERY = 200
NOT_STARTED = "none"
STOPPED = "stopped"
PHASES: dict[str, Any] = {
    Phase.Kind.DISCOVERY.value: _("Discovery"),
    Phase.Kind.DELIVERY.value: _("Delivery"),
    Phase.Kind.PRODUCTION.value: _("In production"),
    Phase.Kind.RETIRED.value: _("Retired"),
    STOPPED: _("Stopped"),
    NOT_STARTED: _("Not started"),
}
HEALTH: dict[str, Any] = {
    "attention": _("Needs attention"),
    "refuted": _("Something refuted"),
    "contradicting": _("A contradiction"),
    "well": _("All confirmed"),
    "unknown": _("Not known yet"),
}
SORTS: dict[str, Any] = {
    "attention": _("Attention first"),
    "name": _("Name"),
    "-activity": _("Last activity"),
    "-value": _("Value"),
}
_ORDERS: dict[str, list[str | OrderBy]] = {
    "attention": ["attention", F("activity").desc(nulls_last=True), "pk"],
    "-attention": ["-attention", F("activity").desc(nulls_last=True), "pk"],
    "name": ["name", "pk"],
    "-name": ["-name", "-pk"],
    "activity": [F("activity").asc(nulls_first=True), "pk"],
    "-activity": [F("activity").desc(nulls_last=True), "-pk"],
    "value": [F("judgement__value").asc(nulls_last=True), "pk"],
    "-value": [F("judgement__value").desc(nulls_last=True), "-pk"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the reader chose; what the portal does not know counts as not chosen."""

    q: str = ""
    phase: str = ""
    health: str = ""
    use_case: str = ""
    sort: str = "attention"

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        def one_of(name: str, known: Mapping[str, Any], otherwise: str = "") -> str:
            value = given.get(name, "")
            return value if value in known else otherwise

        return cls(
            q=given.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY],  # PostgreSQL knows no NUL
            phase=one_of("phase", PHASES),
            health=one_of("health", HEALTH),
            use_case=one_of("use_case", dict(UseCase.choices)),
            sort=one_of("sort", _ORDERS, "attention"),
        )

    @property
    def are_set(self) -> bool:
        return bool(self.q or self.phase or self.health or self.use_case)

    def words(self) -> list[str]:
        """The filters that are set, for a sentence."""
        chosen = [PHASES.get(self.phase), HEALTH.get(self.health), dict(UseCase.choices).get(self.use_case)]
        return [f"“{self.q}”"] * bool(self.q) + [str(words) for words in chosen if words]


def projects_of(user: User, filters: Filters, today: date) -> QuerySet[Project]:
    """Everything that a row of the portfolio shows of the project itself, chosen and sorted by PostgreSQL.

    ``attention`` is 0 where people must decide, 1 where a requirement is refuted or contradicted, 2 where
    something is not verified, 3 where there is nothing to judge yet, and 4 where all is confirmed.
    """
    chosen = (
        Project.objects.visible_to(user)
        .annotate(attention=_attention(today), **_facts())
        .annotate(activity=Greatest("changed_at", "run_at"))
    )
    return chosen.filter(_condition(filters)).select_related("judgement").order_by(*_ORDERS[filters.sort])


def _facts() -> dict[str, Combinable]:
    owners = Membership.objects.filter(project=OuterRef("pk"), role=Role.OWNER).order_by("pk")
    changes = Change.objects.filter(project_id=OuterRef("pk")).order_by("-at", "-pk")
    runs = Run.objects.filter(project=OuterRef("pk")).order_by("-number")
    cases = ValueCase.objects.in_force(OuterRef("pk"))
    name = Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField())
    return {
        "owner": Subquery(owners.annotate(shown=name).values("shown")[:1]),
        "changed_at": Subquery(changes.values("at")[:1], output_field=DateTimeField()),
        "change": Subquery(
            changes.annotate(told=JSONObject(table="table", operation="operation")).values("told")[:1]
        ),
        "run_at": Subquery(runs.values("created_at")[:1], output_field=DateTimeField()),
        "hoped": Subquery(cases.values("hoped_per_year"), output_field=FloatField()),
        "hoped_currency": Subquery(cases.values("currency")),
        "states": Subquery(_states()),
        "ranks": Subquery(_ranks()),
        "begun": Exists(Phase.objects.filter(project=OuterRef("pk"))),
    }


def _states() -> QuerySet[Any]:
    in_force = Requirement.objects.filter(project=OuterRef("pk"), withdrawn_at=None).order_by()
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in VerdictState}
    return in_force.values("project").annotate(counted=JSONObject(**counts)).values("counted")


def _ranks() -> QuerySet[Any]:
    """The rank of the worst of each light over the monitors that watch."""
    watching = Monitor.objects.active().filter(project=OuterRef("pk")).order_by()
    worst = {field: Max(rank_of(field)) for field in LIGHTS}
    return watching.values("project").annotate(worst=JSONObject(**worst)).values("worst")


def _has_state(*states: VerdictState) -> Exists:
    in_force = Requirement.objects.filter(project=OuterRef("pk"), withdrawn_at=None)
    return Exists(in_force.filter(state__in=states) if states else in_force)


def _attention(today: date) -> Case:
    overdue = Phase.objects.filter(
        project=OuterRef("pk"), kind=Phase.Kind.DISCOVERY, closed_at=None, ends_on__lt=today
    )
    conflicts = Conflict.objects.filter(project=OuterRef("pk"), gone_at=None, decided_at=None)
    proposed = Decision.objects.filter(project=OuterRef("pk"), state=Decision.State.PROPOSED)
    return Case(
        When(Exists(overdue) | Exists(conflicts) | Exists(proposed), then=0),
        When(_has_state(VerdictState.REFUTED, VerdictState.CONTRADICTING), then=1),
        When(_has_state(VerdictState.UNVERIFIED), then=2),
        When(~_has_state(), then=3),
        default=4,
        output_field=IntegerField(),
    )


def _condition(filters: Filters) -> Q:
    condition = Q()
    if filters.q:
        owned = Membership.objects.filter(project=OuterRef("pk"), role=Role.OWNER)
        condition &= (
            Q(name__icontains=filters.q)
            | Q(description__icontains=filters.q)
            | Q(domain__icontains=filters.q)
            | Q(Exists(owned.filter(user__name__icontains=filters.q)))
        )
    if filters.phase:
        condition &= _in_phase(filters.phase)
    if filters.health:
        condition &= _HEALTH_CONDITIONS[filters.health]
    if filters.use_case:
        condition &= Q(use_case=filters.use_case)
    return condition


def _in_phase(wanted: str) -> Q:
    """A project whose phases are all closed was stopped."""
    phases = Phase.objects.filter(project=OuterRef("pk"))
    running = phases.filter(closed_at=None)
    if wanted == NOT_STARTED:
        return ~Q(Exists(phases))
    if wanted == STOPPED:
        return Q(Exists(phases)) & ~Q(Exists(running))
    return Q(Exists(running.filter(kind=wanted)))


_HEALTH_CONDITIONS = {
    "attention": Q(attention__lte=1),
    "refuted": Q(_has_state(VerdictState.REFUTED)),
    "contradicting": Q(_has_state(VerdictState.CONTRADICTING)),
    "well": Q(_has_state()) & ~Q(_has_state(*(set(VerdictState) - {VerdictState.CONFIRMED}))),
    "unknown": ~Q(_has_state(*(set(VerdictState) - {VerdictState.UNVERIFIED}))),
}


def near_match(user: User, wanted: str) -> Project | None:
    """The project whose name is most like what was searched for in vain."""
    names = dict(Project.objects.visible_to(user).values_list("name", "pk"))
    lower = {name.lower(): name for name in names}
    found = get_close_matches(wanted.lower(), lower, n=1, cutoff=0.5)
    return Project.objects.get(pk=names[lower[found[0]]]) if found else None
