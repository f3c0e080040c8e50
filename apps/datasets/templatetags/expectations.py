"""``{% load expectations %}``: the newest check of a version on any page, ``{% version_check version %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from apps.datasets import checked
from apps.datasets.models import DatasetVersion

SHOWN = 6
register = template.Library()


@register.inclusion_tag("datasets/_version_check.html", takes_context=True)
def version_check(context: Context, version: DatasetVersion) -> dict[str, Any]:
    """A card with the worst results and, of a blocked version, a notice; nothing for one without a check.

    Needs ``project`` and ``may`` of `ProjectMixin`.
    """
    newest = checked.newest_check(version)
    done = (
        version.checks.select_related("version").filter(finished_at__isnull=False).first() if newest else None
    )
    lines = checked.result_lines(done, checked.names_of(version.dataset)) if done else []
    return {
        **{name: context.get(name) for name in ("project", "may")},
        "version": version,
        "newest": newest,
        "check": done,
        "sentence": checked.check_sentence(done) if done else "",
        "lines": lines[:SHOWN],
    }
