"""A filled-in list of suspects: its upload, and what it brought."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.csrf import csrf_protect
from django.views.generic import TemplateView

from apps.analysis.forms import RelabelForm
from apps.analysis.gains import gain_of
from apps.analysis.kinds import faults
from apps.analysis.models import Relabelling
from apps.analysis.relabelling import submit_relabelling
from apps.analysis.views.base import AnswerPage
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.uploads import IncomingFile
from apps.datasets.views import UploadPage
from apps.evaluations.views.report import RunMixin


class RelabelUpload(AnswerPage, UploadPage):
    """Takes the list back, with the days that people worked on it."""

    kind = faults.KEY
    answer_template = "analysis/relabel.html"
    form: RelabelForm | None = None

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        return {"form": self.form or RelabelForm()}

    @method_decorator(csrf_protect)
    def receive(self, request: HttpRequest) -> HttpResponse:
        upload = request.FILES.get("file")
        self.form = form = RelabelForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(), status=422)
        if not isinstance(upload, IncomingFile):
            raise InputRejected("no_file", gettext_noop("No file was chosen. Choose the file to upload."))
        relabelling = submit_relabelling(
            analysis=self.analysis, user=self.person, upload=upload, days=form.cleaned_data["days"]
        )
        return redirect("analysis:relabelling", self.project.slug, self.run.number, relabelling.pk)


class RelabellingDetail(RunMixin, TemplateView):
    """What the corrections brought; before that how far the work is, or what is wrong with the list."""

    template_name = "analysis/relabelling.html"

    @cached_property
    def relabelling(self) -> Relabelling:
        rows = Relabelling.objects.filter(project=self.project, run__number=self.kwargs["number"])
        rows = rows.select_related(
            "job", "list_file", "corrected", "corrected_run__job", "analysis", "created_by"
        ).defer("analysis__result", "corrected__profile", "list_file__profile")
        found: Relabelling = get_object_or_404(rows, pk=self.kwargs["relabelling"])
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        relabelling = self.relabelling
        again = relabelling.corrected_run
        job = relabelling.job if again is None else again.job
        shown = {**kwargs, "run": self.run, "relabelling": relabelling, "again": again, "job": job}
        context = super().get_context_data(**shown)
        if again is None or again.result is None or self.run.result is None:
            return context
        return {**context, "gain": gain_of(self.run.result, again.result)}
