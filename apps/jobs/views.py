"""Pages of jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import ListView, TemplateView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.jobs import services
from apps.jobs.models import Job, State
from apps.projects.access import Action
from apps.projects.views import ProjectMixin

PAGE_SIZE = 50


class JobMixin(ProjectMixin):
    @cached_property
    def job(self) -> Job:
        jobs = Job.objects.visible_to(self.person).select_related("project", "created_by")
        return get_object_or_404(jobs, project=self.project, pk=self.kwargs["pk"])


class JobList(ProjectMixin, ListView[Job]):
    template_name = "jobs/list.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[Job]:
        jobs = Job.objects.visible_to(self.person).filter(project=self.project).select_related("created_by")
        return jobs.filter(state=self.state) if self.state else jobs

    @property
    def state(self) -> State | None:
        given = self.request.GET.get("state", "")
        return State(given) if given in State else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(state=self.state, states=State, **kwargs)


class JobDetail(JobMixin, TemplateView):
    template_name = "jobs/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(job=self.job, **kwargs)


class JobFragment(JobMixin, TemplateView):
    """The part of a page that shows a job and asks for itself again until the job has ended.

    With ``?reload=1`` the answer for an ended job reloads the whole page, which then shows the result.
    """

    template_name = "jobs/_job.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(job=self.job, reload=self.reload, **kwargs)

    @property
    def reload(self) -> bool:
        return self.request.GET.get("reload") == "1"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        if self.reload and self.job.ended:
            response["HX-Refresh"] = "true"
        return response


class _JobAction(JobMixin, View):
    action = Action.UPLOAD
    http_method_names = ["post"]

    def back(self) -> HttpResponse:
        """To the page that the form stood on, else to the page of the job."""
        target = self.request.POST.get("next", "")
        if url_has_allowed_host_and_scheme(target, {self.request.get_host()}, self.request.is_secure()):
            return redirect(target)
        return redirect("jobs:detail", self.project.slug, self.job.pk)


class CancelJob(_JobAction):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.cancel_job(job=self.job, user=self.person)
        return self.back()


class RetryJob(_JobAction):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            services.retry_job(job=self.job, user=self.person)
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return self.back()
