"""What is done with a report: its data become the reference, Evidently renders it too."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.drift.forms import ReferenceForm
from apps.drift.models import EvidentlyReport, Reference
from apps.drift.services import current_of, request_evidently, set_reference
from apps.drift.views.report import ReportMixin
from apps.projects.access import Action, require


class MakeReference(ReportMixin, FormView[ReferenceForm]):
    """Asks before the project's reports compare with other data than before."""

    action = Action.UPLOAD
    form_class = ReferenceForm
    template_name = "drift/reference.html"

    def form_valid(self, form: ReferenceForm) -> HttpResponse:
        source = current_of(self.report)
        try:
            set_reference(
                project=self.project, user=self.person, source=source, reason=form.cleaned_data["reason"]
            )
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.form_invalid(form)
        said = _("“%(name)s” is the reference now.") % {"name": source.version or source.file}
        messages.success(self.request, said)
        return redirect("drift:list", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = Reference.objects.select_related("file", "version__dataset").filter(project=self.project)
        return super().get_context_data(before=before.first(), **kwargs)


class EvidentlyPage(ReportMixin, TemplateView):
    """Evidently's own page of this report, framed; before it is there, how far it is. A post asks for it."""

    template_name = "drift/evidently.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        try:
            request_evidently(report=self.report, user=self.person)
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("drift:evidently", self.project.slug, self.report.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        made = EvidentlyReport.objects.select_related("job").filter(report=self.report).first()
        return {**context, "evidently": made, "job": made.job if made else None}
