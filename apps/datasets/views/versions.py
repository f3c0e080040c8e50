"""Pages of the versions of a data set: what one holds, and what changed between two."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.views.generic import TemplateView

from apps.common.problems import status_of
from apps.compute.difference import TableDifference
from apps.compute.messages import InputRejected
from apps.compute.roles import roles_from_json
from apps.datasets.columns import PAGE_SIZE, column_page, profiles_of
from apps.datasets.differences import schema_between
from apps.datasets.forms import DifferenceForm
from apps.datasets.models import DatasetVersion, VersionDifference
from apps.datasets.services import start_difference, version_in_force
from apps.datasets.views.datasets import DatasetMixin
from apps.projects.access import Action, require


class VersionDetail(DatasetMixin, TemplateView):
    """What a version holds, column by column, and where it comes from."""

    template_name = "datasets/version.html"

    @cached_property
    def version(self) -> DatasetVersion:
        found = self.dataset.versions.select_related(
            "dataset", "file__job", "created_by", "accepted_by", "parent"
        )
        return get_object_or_404(found, number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file = self.version.file
        query = self.request.GET.get("q", "").strip()[:200]
        page = self.request.GET.get("page")
        others = self.dataset.versions.exclude(pk=self.version.pk).values_list("number", flat=True)
        return super().get_context_data(
            version=self.version,
            in_force=version_in_force(self.dataset),
            file=file,
            job=file.job,
            columns=column_page(profiles_of(file), roles_from_json(file.roles), query, page),
            query=query,
            wide=(file.column_count or 0) > PAGE_SIZE,
            other=others.first(),  # the newest of them
            previous=others.filter(number__lt=self.version.number).first(),
            **kwargs,
        )


class DifferencePage(DatasetMixin, TemplateView):
    """What changed from one version to another: the columns at once, the rows by a job that is asked for."""

    template_name = "datasets/difference.html"

    @cached_property
    def newest(self) -> list[int]:
        """The numbers of the newest two versions, as far as there are any."""
        return list(self.dataset.versions.values_list("number", flat=True)[:2])

    @cached_property
    def form(self) -> DifferenceForm:
        said = self.request.POST or self.request.GET
        newest, before = [*self.newest, 0, 0][:2]
        key = said.getlist("key") if "key" in said else self.dataset.key_columns
        asked = {"from": said.get("from", before), "to": said.get("to", newest), "key": "\n".join(key)}
        return DifferenceForm(asked, newest=newest)

    @cached_property
    def pair(self) -> tuple[DatasetVersion, DatasetVersion] | None:
        """The older and the newer version that the form names."""
        if not self.form.is_valid():
            return None
        found = self.dataset.versions.select_related("file", "created_by", "dataset__project")
        said = self.form.cleaned_data
        older, newer = found.filter(number__in=[said["from"], said["to"]]).order_by("number")
        return older, newer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        if self.pair is None:
            return self.render_to_response(self.get_context_data(), status=400)
        older, newer = self.pair
        key = self.form.cleaned_data["key"]
        try:
            start_difference(older=older, newer=newer, key_columns=key, user=self.person)
        except InputRejected as error:
            return self.render_to_response(self.get_context_data(fault=error), status=status_of(error))
        address = reverse("datasets:difference", args=[self.project.slug, self.dataset.pk])
        query = {"from": older.number, "to": newer.number, "key": key or ""}
        return redirect(f"{address}?{urlencode(query, doseq=True)}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form=self.form, newest=self.newest, **kwargs)
        if self.pair is None:
            return context
        older, newer = self.pair
        key = self.form.cleaned_data["key"]
        found = VersionDifference.objects.select_related("job").filter(
            older=older, newer=newer, key_columns=key
        )
        row = found.first()
        return {
            **context,
            "older": older,
            "newer": newer,
            "key": key,
            "schema": schema_between(older, newer),
            "job": row.job if row else None,
            **(self._result(row) if row and row.result else {}),
        }

    def _result(self, row: VersionDifference) -> dict[str, Any]:
        result = TableDifference.from_json(row.result or {})
        query = self.request.GET.get("q", "").strip()[:200]
        columns = [column for column in result.columns if query.lower() in column.name.lower()]
        return {
            "result": result,
            "query": query,
            "columns": Paginator(columns, PAGE_SIZE).get_page(self.request.GET.get("page") or 1),
        }
