"""Pages of checks: what a version said to what is expected, and letting it pass all the same."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.datasets import checked
from apps.datasets.forms.expectations import AcceptForm
from apps.datasets.models import DatasetVersion
from apps.datasets.services import expectations as services
from apps.datasets.views.datasets import DatasetMixin
from apps.projects.access import Action, require

PAGE_SIZE = 50


class CheckedVersionMixin(DatasetMixin):
    """Finds the version of the address."""

    @cached_property
    def version(self) -> DatasetVersion:
        found = self.dataset.versions.select_related("file", "project", "dataset", "accepted_by")
        return get_object_or_404(found.defer("file__profile", "file__roles"), number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(version=self.version, **kwargs)


class VersionChecks(CheckedVersionMixin, TemplateView):
    """The newest check of a version with example rows; a POST checks again."""

    template_name = "datasets/checks.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        services.recheck(version=self.version, user=self.person)
        messages.success(request, _("Version %(number)d is being checked.") % {"number": self.version.number})
        return redirect("datasets:version-checks", self.project.slug, self.dataset.pk, self.version.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = checked.newest_check(self.version)
        done = self.version.checks.select_related("version").filter(finished_at__isnull=False).first()
        lines = checked.result_lines(done, checked.names_of(self.dataset)) if done else []
        return super().get_context_data(
            newest=newest,
            check=done,
            sentence=checked.check_sentence(done) if done else "",
            page_obj=Paginator(lines, PAGE_SIZE).get_page(self.request.GET.get("page") or 1),
            **kwargs,
        )


class VersionAccept(CheckedVersionMixin, FormView[AcceptForm]):
    """Lets a blocked version pass, for a reason."""

    template_name = "datasets/accept.html"
    form_class = AcceptForm
    action = Action.MANAGE

    def form_valid(self, form: AcceptForm) -> HttpResponse:
        try:
            services.accept_version(version=self.version, user=self.person, **form.cleaned_data)
        except InputRejected as error:
            form.add_error("reason", translate(error.message))
            return self.render_to_response(self.get_context_data(form=form), status=status_of(error))
        messages.success(
            self.request, _("Version %(number)d is in force now.") % {"number": self.version.number}
        )
        return redirect("datasets:version-checks", self.project.slug, self.dataset.pk, self.version.number)
