"""The models of a project with their versions, and one version with its history."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import ListView

from apps.evaluations.models import ModelVersion, Run
from apps.lifecycle.models import Gate
from apps.lifecycle.views.base import ServiceView
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin
from apps.releases import services
from apps.releases.ages import champion_ages
from apps.releases.forms import StageForm
from apps.releases.models import Stage
from apps.releases.rows import listed_versions, version_rows
from apps.releases.services.rules import rule_of
from apps.releases.stages import action_for, offered_moves

PAGE_SIZE = 50
#: So many of the newest runs of a version stand on its page.
SHOWN_RUNS = 10


class ModelList(ProjectMixin, ListView[ModelVersion]):
    template_name = "releases/list.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return listed_versions(self.project)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "rows": version_rows(list(context["page_obj"])),
            "ages": champion_ages(self.project),
            "rule": rule_of(self.project),
        }


class VersionPage(ServiceView[StageForm]):
    """Everybody reads where a version stands and how it got there; who may, moves it on the same page."""

    template_name = "releases/version.html"
    form_class = StageForm

    @cached_property
    def version(self) -> ModelVersion:
        return get_object_or_404(listed_versions(self.project), pk=self.kwargs["pk"])

    @cached_property
    def moves(self) -> list[Stage]:
        """Those that the reader may make."""
        stage = version_rows([self.version])[0].stage
        offered = offered_moves(self.version, stage) if Action.UPLOAD in self.actions else []
        return [move for move in offered if action_for(move) in self.actions]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "moves": self.moves}

    def perform(self, form: StageForm) -> str:
        change = services.set_stage(
            project=self.project, user=self.person, version=self.version, **form.cleaned_data
        )
        return _("“%(version)s” moved. It stands there now: %(stage)s.") % {
            "version": self.version,
            "stage": change.get_stage_display(),
        }

    @property
    def back_url(self) -> str:
        return reverse("releases:version", args=[self.project.slug, self.version.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = version_rows([self.version])[0]
        runs = Run.objects.filter(model_version=self.version).only("number", "name", "evaluated_at")
        return super().get_context_data(
            version=self.version,
            row=row,
            changes=self.version.stage_changes.select_related("by"),
            requests=self.version.retraining_requests.only("number"),
            runs=runs.order_by("-number")[:SHOWN_RUNS],
            moves=self.moves,
            gate=Gate.PRODUCTION if self._asks_gate() else "",
            **kwargs,
        )

    def _asks_gate(self) -> bool:
        return Stage.APPROVED in self.moves and rule_of(self.project).needs_gate
