"""Files with batches and labels that people send by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.uploads import IncomingFile
from apps.datasets.views import UploadPage
from apps.monitoring.forms.uploads import BatchForm, LabelForm
from apps.monitoring.services.batches import submit_batch
from apps.monitoring.services.labels import submit_labels
from apps.monitoring.views.monitor import MonitorMixin


class UploadToMonitor(MonitorMixin, UploadPage):
    """A file with a form beside it; a wrong form is shown again with its faults, and nothing is kept."""

    form_class: type[forms.Form]
    form: forms.Form | None = None

    @method_decorator(csrf_protect)
    def receive(self, request: HttpRequest) -> HttpResponse:
        upload = request.FILES.get("file")
        self.form = form = self.form_class(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(), status=422)
        if not isinstance(upload, IncomingFile):
            raise InputRejected("no_file", gettext_noop("No file was chosen. Choose the file to upload."))
        return self.keep(upload, form)

    def keep(self, upload: IncomingFile, form: Any) -> HttpResponse:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=self.form or self.form_class(), **kwargs)


class BatchUpload(UploadToMonitor):
    template_name = "monitoring/upload_batch.html"
    form_class = BatchForm

    def keep(self, upload: IncomingFile, form: BatchForm) -> HttpResponse:
        accepted = submit_batch(
            monitor=self.monitor,
            user=self.person,
            upload=upload,
            replace=form.cleaned_data["replace"],
            **form.window(self.monitor.zone),
        )
        if accepted.repeated:
            messages.info(self.request, _("The portal has this batch already: nothing was started."))
        return redirect("monitoring:batch", self.project.slug, self.monitor.number, accepted.batch.number)


class LabelUploadPage(UploadToMonitor):
    template_name = "monitoring/upload_labels.html"
    form_class = LabelForm

    def keep(self, upload: IncomingFile, form: LabelForm) -> HttpResponse:
        submit_labels(monitor=self.monitor, user=self.person, upload=upload, **form.cleaned_data)
        messages.success(self.request, _("The labels are here. The portal looks for their batches."))
        return redirect("monitoring:labels", self.project.slug, self.monitor.number)
