"""Before step 1 of an upload from outside a project: which project?"""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from apps.accounts.models import User
from apps.projects.access import Action, where_allowed

SHOWN = 200


class ChooseProject(LoginRequiredMixin, TemplateView):
    """The projects that the reader may upload to; the only one is opened at once."""

    template_name = "evaluations/choose.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        projects = list(where_allowed(cast(User, request.user), Action.UPLOAD).order_by("name")[:SHOWN])
        if len(projects) == 1:
            return redirect("evaluations:upload", projects[0].slug)
        return self.render_to_response(self.get_context_data(projects=projects, **kwargs))
