"""Batches and labels: their lists, and the page of a batch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import ListView, TemplateView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.compute.selection import Selection
from apps.drift.services import Source, submit_report
from apps.monitoring import lists
from apps.monitoring.models import Batch, LabelUpload, LiveMetric
from apps.monitoring.pages.batch import BatchPage
from apps.monitoring.views.monitor import MonitorMixin
from apps.projects.access import Action


class BatchList(MonitorMixin, ListView[Batch]):
    """The newest window first; corrections stand beside what they replaced."""

    template_name = "monitoring/batches.html"
    paginate_by = lists.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Batch]:
        return lists.batches_of(self.monitor)


class LabelList(MonitorMixin, ListView[LabelUpload]):
    template_name = "monitoring/labels.html"
    paginate_by = lists.PAGE_SIZE

    def get_queryset(self) -> QuerySet[LabelUpload]:
        return lists.labels_of(self.monitor)


class BatchMixin(MonitorMixin):
    @cached_property
    def batch(self) -> Batch:
        batches = Batch.objects.select_related("job", "file", "created_by").defer(
            "file__profile", "file__roles"
        )
        return get_object_or_404(batches, monitor=self.monitor, number=self.kwargs["batch"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "batch": self.batch, "job": self.batch.job}


class BatchDetail(BatchMixin, TemplateView):
    template_name = "monitoring/batch.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = self.batch
        overall = LiveMetric.objects.filter(batch=batch, slice_column="").select_related(
            "watched__version__model"
        )
        same = Batch.objects.filter(monitor=batch.monitor_id, start=batch.start, end=batch.end).exclude(
            pk=batch.pk
        )
        alerts = lists.alerts_of(self.person, self.project).filter(batch=batch, resolved_at=None)
        return super().get_context_data(
            shown=BatchPage(batch, overall),
            others=list(same.order_by("number").only("number", "replaced_at", "monitor")),
            matches=list(batch.label_matches.select_related("upload").order_by("upload__number")),
            alerts=list(alerts.order_by("severity", "-opened_at")),
            **kwargs,
        )


class BatchDrift(BatchMixin, View):
    """Makes a full drift report of the batch against the monitor's reference."""

    action = Action.UPLOAD

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        monitor, batch = self.monitor, self.batch
        if batch.file is None:
            messages.error(request, _("The rows of this batch are not kept any more."))
            return redirect("monitoring:batch", self.project.slug, monitor.number, batch.number)
        reference = Source(
            monitor.reference_file,
            monitor.reference_version,
            Selection.from_json(monitor.reference_selection),
        )
        try:
            report = submit_report(
                project=self.project,
                user=self.person,
                current=Source(batch.file),
                reference=reference,
                name=f"{monitor}, {batch}"[:120],
            )
        except InputRejected as error:
            messages.error(request, translate(error.message))
            return redirect("monitoring:batch", self.project.slug, monitor.number, batch.number)
        return redirect("drift:detail", self.project.slug, report.number)
