"""The title block and the tabs of every page of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.drift.models import DriftReport
from apps.lifecycle.models import Decision, Phase
from apps.monitoring.models import Monitor
from apps.projects.models import Project, Role
from apps.requirements.models import Conflict, Requirement, Stakeholder

register = template.Library()

#: Key, words and route of each tab, in their order.
TABS = (
    ("overview", _("Overview"), "dashboards:project"),
    ("requirements", _("Requirements"), "requirements:list"),
    ("runs", _("Runs"), "evaluations:list"),
    ("compare", _("Compare"), "evaluations:compare"),
    ("drift", _("Drift"), "drift:list"),
    ("models", _("Models"), "releases:list"),
    ("monitors", _("Monitors"), "monitoring:list"),
    ("discovery", _("Discovery"), "lifecycle:discovery"),
    ("delivery", _("Delivery"), "lifecycle:delivery"),
    ("decisions", _("Decisions"), "lifecycle:decisions"),
    ("design", _("Design"), "documents:detail"),
    ("files", _("Files"), "datasets:list"),
    ("jobs", _("Jobs"), "jobs:list"),
    ("members", _("Members"), "projects:members"),
    ("history", _("History"), "dashboards:project-changes"),
    ("settings", _("Settings"), "projects:settings"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    key: str
    label: Any
    url: str
    count: int = 0
    urgent: bool = False


@register.inclusion_tag("dashboards/_tabs.html")
def project_tabs(project: Project, may: Mapping[str, bool], tab: str) -> dict[str, Any]:
    """``{% project_tabs project may "runs" %}``: a tab for each page, with counts; needs one query."""
    counts = {"runs": project.last_run_number, **_counts(project)}
    tabs = [
        Tab(
            key=key,
            label=label,
            url=reverse(route, args=[project.slug]),
            count=counts.get(key, 0),
            urgent=key in ("drift", "decisions"),
        )
        for key, label, route in TABS
        if key != "settings" or may.get("manage")
    ]
    return {"tabs": tabs, "current": tab}


def _counts(project: Project) -> dict[str, int]:
    """Requirements in force; columns that drifted in the newest report; monitors; open conflicts and
    decisions that wait for a second person.
    """
    requirements = Requirement.objects.filter(project=project, withdrawn_at=None)
    conflicts = Conflict.objects.filter(project=project, gone_at=None, decided_at=None)
    proposed = Decision.objects.filter(project=project, state=Decision.State.PROPOSED)
    reports = DriftReport.objects.filter(project=project, drifted__isnull=False).order_by("-number")
    counted = [
        rows.order_by().values_list(Value(tab), Value(1))
        for tab, rows in (
            ("requirements", requirements),
            ("monitors", Monitor.objects.filter(project=project, archived_at=None)),
            ("decisions", conflicts),
            ("decisions", proposed),
        )
    ]
    counts: Counter[str] = Counter()
    for tab, count in reports.values_list(Value("drift"), "drifted")[:1].union(*counted, all=True):
        counts[tab] += count
    return counts


@register.inclusion_tag("dashboards/_phase_chips.html")
def phase_chips(project: Project) -> dict[str, Any]:
    """``{% phase_chips project %}``: a chip for each open phase, else "Stopped" or "Not started"."""
    phases = list(Phase.objects.filter(project=project))
    return {"phases": [phase for phase in phases if phase.closed_at is None], "begun": bool(phases)}


@register.inclusion_tag("dashboards/_meta.html")
def project_meta(project: Project) -> dict[str, Any]:
    """``{% project_meta project %}``: who owns it, how many stakeholders it has, and its newest run."""
    owners = project.memberships.filter(role=Role.OWNER).select_related("user").order_by("pk")[:2]
    return {
        "project": project,
        "owners": [membership.user for membership in owners],
        "stakeholders": Stakeholder.objects.filter(project=project).count(),
        "run": project.runs.only("number", "evaluated_at", "project").first(),
    }
