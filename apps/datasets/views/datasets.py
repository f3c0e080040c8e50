"""Pages of data sets: data under one name, whose content is replaced from time to time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.datasets.forms import DatasetForm, VersionForm
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.datasets.services import add_dataset, add_version
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin


class DatasetList(ProjectMixin, FormView[DatasetForm]):
    """All data sets of a project, and a form for another."""

    template_name = "datasets/datasets.html"
    form_class = DatasetForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: DatasetForm) -> HttpResponse:
        try:
            dataset = add_dataset(project=self.project, user=self.person, **form.cleaned_data)
        except InputRejected as error:
            form.add_error("name", translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("The data set “%(name)s” was added.") % {"name": dataset.name})
        return redirect("datasets:dataset", self.project.slug, dataset.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = DatasetVersion.objects.filter(dataset=OuterRef("pk"))
        datasets = Dataset.objects.filter(project=self.project).annotate(
            version_count=Count("versions"),
            file_name=Subquery(newest.values("file__name")[:1]),
            file_rows=Subquery(newest.values("file__rows")[:1]),
            replaced_at=Subquery(newest.values("created_at")[:1]),
        )
        return super().get_context_data(datasets=datasets, **kwargs)


class DatasetDetail(ProjectMixin, FormView[VersionForm]):
    """The versions of one data set, and a form that replaces what it holds."""

    template_name = "datasets/dataset.html"
    form_class = VersionForm

    @cached_property
    def found(self) -> Dataset:
        return get_object_or_404(Dataset, project=self.project, pk=self.kwargs["dataset"])

    @property
    def versions(self) -> QuerySet[DatasetVersion]:
        return self.found.versions.select_related("file", "created_by").defer("file__profile", "file__roles")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: VersionForm) -> HttpResponse:
        try:
            version = add_version(dataset=self.found, user=self.person, **form.cleaned_data)
        except InputRejected as error:
            form.add_error("file", translate(error.message))
            return self.form_invalid(form)
        messages.success(
            self.request, _("Version %(number)d holds from now on.") % {"number": version.number}
        )
        return redirect("datasets:dataset", self.project.slug, self.found.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        truths = DataFile.objects.filter(project=self.project, purpose=DataFile.Purpose.TRUTH)
        context = super().get_context_data(**kwargs)
        return {**context, "dataset": self.found, "versions": self.versions, "has_truth": truths.exists()}
