"""What every page needs around its content: navigation, version, languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info

VERSION = "0.1.0"
SIDE_BAR_PROJECTS = 12


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str

    @property
    def short(self) -> str:
        return self.code[:2].upper()


def portal(request: HttpRequest) -> dict[str, Any]:
    """``portal`` in templates. ``projects`` is a lazy query: a fragment that lists none asks for none.

    Each has its worst ``light``, and the open alerts of all projects, ``all_alerts``.
    """
    match = request.resolver_match
    return {
        "portal": {
            "version": VERSION,
            "view": match.view_name if match else "",
            "project_slug": match.kwargs.get("project", "") if match else "",
            "projects": _my_projects(request),
            "other_language": _other_language(),
        }
    }


def _my_projects(request: HttpRequest) -> Any:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    # By name, because this app lies below the apps of these models and may not import them.
    projects: Any = apps.get_model("projects", "Project").objects
    monitors: Any = apps.get_model("monitoring", "Monitor").objects
    alerts: Any = apps.get_model("monitoring", "Alert").objects
    watching = monitors.active().filter(project=OuterRef("pk"))
    waiting = alerts.open().filter(project=OuterRef("pk")).order_by().values("project")
    return (
        projects.visible_to(user)
        .only("name", "slug")
        .annotate(
            light=_worst_light(watching),
            open_alerts=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0),
        )
        .annotate(all_alerts=Window(Sum("open_alerts")))  # of those beyond the end of the list too
        .order_by("name")[:SIDE_BAR_PROJECTS]
    )


def _worst_light(watching: Any) -> Case:
    """Of the three questions over all monitors that watch; "none" where none does."""

    def says(state: str) -> Exists:
        return Exists(watching.filter(Q(at_all=state) | Q(well=state) | Q(as_before=state)))

    return Case(
        When(says("bad"), then=Value("bad")),
        When(says("warn"), then=Value("warn")),
        When(says("none") | ~Exists(watching), then=Value("none")),
        default=Value("ok"),
    )


def _other_language() -> Language:
    code = "en" if (get_language() or "en").startswith("ru") else "ru"
    return Language(code, get_language_info(code)["name_local"].capitalize())
