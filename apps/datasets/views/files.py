"""Pages of files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import ListView, TemplateView

from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import roles_from_json
from apps.datasets.columns import PAGE_SIZE as COLUMNS_PER_PAGE
from apps.datasets.columns import column_page, profiles_of
from apps.datasets.forms import FileFilterForm
from apps.datasets.models import DataFile
from apps.datasets.services import delete_file, submit_file
from apps.datasets.uploads import IncomingFile, StreamingUploadMixin
from apps.projects.access import Action
from apps.projects.views import ProjectMixin

PAGE_SIZE = 50
SHOWN_RUNS = 20
SORTS = {"name": "name", "uploaded": "uploaded_at", "size": "size", "rows": "rows"}


@method_decorator(csrf_exempt, name="dispatch")  # that check reads the body; `receive` makes it in time
class UploadPage(StreamingUploadMixin, ProjectMixin, TemplateView):
    """Takes one file, ``file``, in a stream. Sign-in and role are checked before a byte of it is read.

    A refused file is answered with the same page, the reason in it and the fitting status.
    """

    action = Action.UPLOAD
    purpose: str = DataFile.Purpose.PREDICTIONS

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.install_upload_handler(request)
        try:
            return self.receive(request)
        except InputRejected as error:
            return self.render_to_response(self.get_context_data(fault=error), status=status_of(error))

    @method_decorator(csrf_protect)
    def receive(self, request: HttpRequest) -> HttpResponse:
        return redirect(self.next_url(self._store(request)))

    def _store(self, request: HttpRequest) -> DataFile:
        upload = request.FILES.get("file")
        if not isinstance(upload, IncomingFile):
            raise InputRejected("no_file", gettext_noop("No file was chosen. Choose the file to upload."))
        return submit_file(project=self.project, user=self.person, upload=upload, purpose=self.purpose)

    def next_url(self, file: DataFile) -> str:
        return reverse("datasets:detail", args=[self.project.slug, file.pk])


class TruthUpload(UploadPage):
    template_name = "datasets/upload_truth.html"
    purpose = DataFile.Purpose.TRUTH


class FileList(ProjectMixin, ListView[DataFile]):
    template_name = "datasets/list.html"
    paginate_by = PAGE_SIZE

    @cached_property
    def form(self) -> FileFilterForm:
        return FileFilterForm(self.request.GET)

    @property
    def sort(self) -> str:
        sort = self.request.GET.get("sort", "")
        return sort if sort.removeprefix("-") in SORTS else "-uploaded"

    def get_queryset(self) -> QuerySet[DataFile]:
        files = (
            DataFile.objects.uploaded()
            .filter(project=self.project)
            .select_related("job", "uploaded_by")
            .defer("profile", "roles")
            .annotate(run_count=Count("runs", distinct=True) + Count("judged_runs", distinct=True))
        )
        chosen = self.form.chosen()
        if "q" in chosen:
            files = files.filter(Q(name__icontains=chosen["q"]) | Q(sha256__startswith=chosen["q"].lower()))
        if "purpose" in chosen:
            files = files.filter(purpose=chosen["purpose"])
        column = SORTS[self.sort.removeprefix("-")]
        return files.order_by(f"-{column}" if self.sort.startswith("-") else column, "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form, filtered=bool(self.form.chosen()), sort=self.sort, **kwargs
        )


class FileMixin(ProjectMixin):
    """Finds the file of the address in the project."""

    @cached_property
    def file(self) -> DataFile:
        files = DataFile.objects.select_related("job", "uploaded_by", "project")
        return get_object_or_404(files, project=self.project, pk=self.kwargs["file"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "file": self.file, "job": self.file.job}


class FileDetail(FileMixin, TemplateView):
    """What is in a file, column by column."""

    template_name = "datasets/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.get("q", "").strip()[:200]
        roles = roles_from_json(self.file.roles)
        return super().get_context_data(
            columns=column_page(profiles_of(self.file), roles, query, self.request.GET.get("page")),
            query=query,
            wide=(self.file.column_count or 0) > COLUMNS_PER_PAGE,
            runs=self.file.runs.only("number", "name", "project")[:SHOWN_RUNS],
            judged=self.file.judged_runs.only("number", "name", "project")[:SHOWN_RUNS],
            **kwargs,
        )


class FileDelete(FileMixin, TemplateView):
    """Asks before a file is deleted."""

    action = Action.UPLOAD
    template_name = "datasets/delete.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            delete_file(file=self.file, user=self.person)
        except InputRejected as error:
            messages.error(request, translate(error.message))
            return redirect("datasets:detail", self.project.slug, self.file.pk)
        messages.success(request, _("The file “%(name)s” was deleted.") % {"name": self.file.name})
        return redirect("datasets:list", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            used=self.file.runs.exists()
            or self.file.judged_runs.exists()
            or self.file.dataset_versions.exists(),
            **kwargs,
        )
