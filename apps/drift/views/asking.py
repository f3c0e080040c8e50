"""Asking for a report: of data that are there, or of a file that is uploaded now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.csrf import csrf_protect
from django.views.generic import TemplateView

from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile
from apps.datasets.views import UploadPage
from apps.drift.asked import Asked
from apps.drift.forms import COLUMN_LIST, source_key
from apps.drift.models import DriftReport
from apps.drift.services import Source, reference_of, submit_report, submit_upload_report
from apps.projects.access import Action
from apps.projects.views import ProjectMixin

#: Buttons that add an empty row to a set of forms.
ADDED = {"add-current": "current-rows", "add-reference": "reference-rows", "add-columns": "columns"}


class ReportCreate(ProjectMixin, TemplateView):
    """Works without script: the buttons ``do`` add rows, read the columns of the chosen data, or compare.

    ``?current=`` and ``?reference=`` choose the sides (`forms.source_key`), ``?again=`` takes everything from
    a report.
    """

    action = Action.UPLOAD
    template_name = "drift/new.html"

    @cached_property
    def asked(self) -> Asked:
        posted = self.request.POST if self.request.method == "POST" else None
        query = self.request.GET
        initial = {side: query[side] for side in ("current", "reference") if side in query}
        return Asked(self.project, self._with_added_row(posted), initial, self._earlier())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do", "compare") == "compare" and self.asked.is_valid():
            asked = self.asked
            current = asked.source("current")
            try:
                if current is not None:
                    report = submit_report(
                        project=self.project,
                        user=self.person,
                        current=current,
                        reference=asked.source("reference"),
                        name=asked.options.cleaned_data["name"],
                        spec=asked.spec(),
                    )
                    return redirect("drift:detail", self.project.slug, report.number)
            except InputRejected as error:
                asked.options.add_error(None, translate(error.message))
                context = self.get_context_data()
                return self.render_to_response(context, status=status_of(error))
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.asked
        return super().get_context_data(
            asked=asked,
            parts=[(name, asked.sides[name], asked.conditions[name]) for name in ("current", "reference")],
            column_list=COLUMN_LIST,
            names=asked.column_names,
            has_data=asked.has_data,
            **kwargs,
        )

    def _earlier(self) -> DriftReport | None:
        number = self.request.GET.get("again", "")
        if not number.isdecimal() or len(number) > 9:
            return None
        sides = [
            f"{side}_{what}" for side in ("current", "reference") for what in ("file", "version__dataset")
        ]
        reports = DriftReport.objects.select_related(*sides).defer("result")
        return reports.filter(project=self.project, number=int(number)).first()

    def _with_added_row(self, posted: QueryDict | None) -> QueryDict | None:
        prefix = ADDED.get(posted.get("do", "")) if posted is not None else None
        if posted is None or prefix is None:
            return posted
        changed = posted.copy()
        total = changed.get(f"{prefix}-TOTAL_FORMS", "")
        if total.isdecimal() and len(total) < 5:
            changed[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 1)
        return changed


class ReportUpload(UploadPage):
    """Takes a file and compares it at once with the project's reference; without one, asks with what."""

    template_name = "drift/upload.html"
    purpose = DataFile.Purpose.DATA

    @method_decorator(csrf_protect)
    def receive(self, request: HttpRequest) -> HttpResponse:
        upload = request.FILES.get("file")
        if self.reference is None or not isinstance(upload, IncomingFile):
            return redirect(self.next_url(self._store(request)))
        report = submit_upload_report(project=self.project, user=self.person, upload=upload)
        return redirect("drift:detail", self.project.slug, report.number)

    def next_url(self, file: DataFile) -> str:
        return f"{reverse('drift:new', args=[self.project.slug])}?current={source_key(Source(file))}"

    @cached_property
    def reference(self) -> Source | None:
        return reference_of(self.project)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(reference=self.reference, **kwargs)
