"""Pages of data sets: data under one name, whose content is replaced from time to time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.generic import FormView

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.datasets.forms import AboutForm, DatasetForm, VersionForm
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.services import add_dataset, add_version, edit_dataset, version_in_force
from apps.datasets.uploads import IncomingFile
from apps.datasets.views.files import PAGE_SIZE, UploadPage
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin

State = DatasetVersion.State


class DatasetMixin(ProjectMixin):
    """Finds the data set of the address in the project."""

    @cached_property
    def dataset(self) -> Dataset:
        found = Dataset.objects.select_related("owner", "project")
        return get_object_or_404(found, project=self.project, pk=self.kwargs["dataset"])

    @property
    def versions(self) -> QuerySet[DatasetVersion]:
        return self.dataset.versions.select_related("file__job", "created_by", "parent").defer(
            "file__profile", "file__roles"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "dataset": self.dataset}


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
        holds = DatasetVersion.objects.filter(dataset=OuterRef("pk"), state=State.IN_FORCE)
        newest = DatasetVersion.objects.filter(dataset=OuterRef("pk"))
        datasets = (
            Dataset.objects.filter(project=self.project)
            .select_related("owner")
            .annotate(
                version_count=Count("versions"),
                file_name=Subquery(holds.values("file__name")[:1]),
                file_rows=Subquery(holds.values("file__rows")[:1]),
                replaced_at=Subquery(holds.values("created_at")[:1]),
                newest_state=Subquery(newest.values("state")[:1]),
            )
            .order_by("name")
        )
        page = Paginator(datasets, PAGE_SIZE).get_page(self.request.GET.get("page") or 1)
        return super().get_context_data(datasets=page, **kwargs)


class DatasetDetail(DatasetMixin, UploadPage):
    """What is said about a data set, its versions, and a form that gives it another."""

    template_name = "datasets/dataset.html"
    action = Action.VIEW

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    def receive(self, request: HttpRequest) -> HttpResponse:
        upload = request.FILES.get("file")
        form = VersionForm(request.POST, dataset=self.dataset)
        if not form.is_valid():
            raise InputRejected("wrong_choice", str(next(iter(form.errors.values()))[0]))
        said = form.cleaned_data
        version = add_version(
            dataset=self.dataset,
            user=self.person,
            upload=upload if isinstance(upload, IncomingFile) else None,
            file=said["existing"],
            parent=said["parent"],
            note=said["note"],
        )
        words = {
            State.IN_FORCE: _("Version %(number)d holds from now on."),
            State.CHECKING: _("Version %(number)d is being checked. It holds when it passes."),
        }
        messages.success(request, words[State(version.state)] % {"number": version.number})
        return redirect("datasets:version", self.project.slug, self.dataset.pk, version.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = self.request.GET.get("page") or 1
        return super().get_context_data(
            versions=Paginator(self.versions, PAGE_SIZE).get_page(page),
            newest=self.dataset.versions.first(),
            in_force=version_in_force(self.dataset),
            version_form=VersionForm(self.request.POST or None, dataset=self.dataset),
            **kwargs,
        )


class DatasetEdit(DatasetMixin, FormView[AboutForm]):
    """Changes what is said about a data set."""

    template_name = "datasets/edit.html"
    form_class = AboutForm
    action = Action.UPLOAD

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy: an invalid form would change the name that the page's head shows.
        copy = Dataset.objects.get(pk=self.dataset.pk)
        return {**super().get_form_kwargs(), "instance": copy, "project": self.project}

    def form_valid(self, form: AboutForm) -> HttpResponse:
        try:
            edit_dataset(
                dataset=self.dataset, user=self.person, name=form.cleaned_data["name"], about=form.about()
            )
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("The data set was changed."))
        return redirect("datasets:dataset", self.project.slug, self.dataset.pk)
