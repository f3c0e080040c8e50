"""``{% load jobs %}``: a job on any page, as ``{% job_box job %}``, and the sentences that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template import Context

from apps.common.translate import translate
from apps.jobs.models import Job

register = template.Library()


@register.filter
def sentence(message: Mapping[str, Any] | None) -> str:
    """The JSON form of a `Message` in the language of the page."""
    return translate(message)


@register.inclusion_tag("jobs/_job.html", takes_context=True)
def job_box(context: Context, job: Job, reload: bool = False) -> dict[str, Any]:
    """A card with state, progress and forms that refreshes itself until the job has ended.

    ``reload`` loads the whole page again at the end. Needs `project` and `may` of `ProjectMixin`.
    """
    names = ("project", "may", "request", "csrf_token")
    return {**{name: context.get(name) for name in names}, "job": job, "reload": reload}
