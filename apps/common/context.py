"""What every page needs around its content: navigation, version, languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
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
    """``portal`` in templates. ``projects`` is a lazy query: a fragment that lists none asks for none."""
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
    # By name, because this app lies below the projects app and may not import it.
    projects: Any = apps.get_model("projects", "Project").objects
    return projects.visible_to(user).only("name", "slug").order_by("name")[:SIDE_BAR_PROJECTS]


def _other_language() -> Language:
    code = "en" if (get_language() or "en").startswith("ru") else "ru"
    return Language(code, get_language_info(code)["name_local"].capitalize())
