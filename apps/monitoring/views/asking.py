"""Adding and changing monitors, their models, and whether they run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.evaluations.models import ModelVersion
from apps.monitoring.forms.monitor import MonitorForm, WatchForm, initial_of, new_initial
from apps.monitoring.forms.uploads import in_zone
from apps.monitoring.models import WatchedModel
from apps.monitoring.services import monitors as services
from apps.monitoring.views.monitor import MonitorMixin
from apps.projects.access import Action
from apps.projects.views import ProjectMixin


class MonitorCreate(ProjectMixin, FormView[MonitorForm]):
    action = Action.UPLOAD
    template_name = "monitoring/new.html"
    form_class = MonitorForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project, "initial": new_initial(self.project)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        has_models = ModelVersion.objects.filter(model__project=self.project).exists()
        return super().get_context_data(has_models=has_models, **kwargs)

    def form_valid(self, form: MonitorForm) -> HttpResponse:
        try:
            monitor = services.add_monitor(
                project=self.project, user=self.person, about=form.about(), models=[form.watched()]
            )
        except InputRejected as error:
            return _refused(self, form, error)
        messages.success(self.request, _("The monitor watches from now on. Send it the first batch."))
        return redirect("monitoring:detail", self.project.slug, monitor.number)


class MonitorEdit(MonitorMixin, FormView[MonitorForm]):
    action = Action.UPLOAD
    template_name = "monitoring/edit.html"
    form_class = MonitorForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "project": self.project,
            "monitor": self.monitor,
            "initial": initial_of(self.monitor),
        }

    def form_valid(self, form: MonitorForm) -> HttpResponse:
        try:
            services.change_monitor(monitor=self.monitor, user=self.person, about=form.about())
        except InputRejected as error:
            return _refused(self, form, error)
        messages.success(self.request, _("The settings were changed. What was measured stays as it was."))
        return redirect("monitoring:detail", self.project.slug, self.monitor.number)


class MonitorModels(MonitorMixin, FormView[WatchForm]):
    """Which models are watched; ``stop`` in a post names one that is watched no longer."""

    action = Action.UPLOAD
    template_name = "monitoring/models.html"
    form_class = WatchForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        which = request.POST.get("stop", "")
        if not which:
            return super().post(request, *args, **kwargs)
        watched = get_object_or_404(
            WatchedModel, monitor=self.monitor, pk=int(which) if which.isdecimal() and len(which) < 10 else 0
        )
        try:
            services.stop_watching(watched=watched, user=self.person)
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("monitoring:models", self.project.slug, self.monitor.number)

    def form_valid(self, form: WatchForm) -> HttpResponse:
        said = form.cleaned_data
        try:
            services.watch_model(
                monitor=self.monitor,
                user=self.person,
                version=said["version"],
                part=said["part"],
                roles=said["roles"] or None,
                since=in_zone(said["since"], self.monitor.zone),
            )
        except InputRejected as error:
            return _refused(self, form, error)
        return redirect("monitoring:models", self.project.slug, self.monitor.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        models = WatchedModel.objects.filter(monitor=self.monitor).select_related("version__model")
        return super().get_context_data(models=list(models.order_by("-since", "-pk")), **kwargs)


class MonitorPause(MonitorMixin, View):
    action = Action.UPLOAD

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            services.pause_monitor(monitor=self.monitor, user=self.person)
            messages.success(request, _("The monitor is paused. Nothing is expected until it goes on."))
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("monitoring:detail", self.project.slug, self.monitor.number)


class MonitorResume(MonitorMixin, View):
    action = Action.UPLOAD

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            services.resume_monitor(monitor=self.monitor, user=self.person)
            messages.success(request, _("The monitor goes on. The silence of the pause is no alarm."))
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("monitoring:detail", self.project.slug, self.monitor.number)


class MonitorArchive(MonitorMixin, TemplateView):
    """Asks before the monitor ends for ever."""

    action = Action.MANAGE
    template_name = "monitoring/archive.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.archive_monitor(monitor=self.monitor, user=self.person)
        messages.success(request, _("The monitor is archived."))
        return redirect("monitoring:list", self.project.slug)


def _refused(view: FormView[Any], form: forms.Form, error: InputRejected) -> HttpResponse:
    """The same page with the reason: nothing that was typed is lost."""
    form.add_error(None, translate(error.message))
    return view.render_to_response(view.get_context_data(form=form), status=status_of(error))
