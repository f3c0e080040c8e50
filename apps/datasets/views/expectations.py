"""Pages of what is expected of a data set."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from apps.common.formats import message
from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.expectations import KINDS, ExpectationKind, describe
from apps.compute.messages import InputRejected
from apps.datasets import checked
from apps.datasets.checking import record
from apps.datasets.forms.expectations import ExpectationForm, SuggestionsForm
from apps.datasets.models import Dataset, DatasetVersion, Expectation
from apps.datasets.services import expectations as services
from apps.datasets.views.datasets import DatasetMixin
from apps.projects.access import Action

PAGE_SIZE, SUGGESTED = 50, 100


class ExpectationList(DatasetMixin, TemplateView):
    """What is expected, and what the newest checked version said to it."""

    template_name = "datasets/expectations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(self.dataset.expectations.all())
        check = checked.finished_check(self.dataset)
        lines = checked.expected_lines(rows, check, checked.names_of(self.dataset))
        newest = self.dataset.versions.select_related("file").defer("file__profile", "file__roles").first()
        return super().get_context_data(
            page_obj=Paginator(lines, PAGE_SIZE).get_page(self.request.GET.get("page") or 1),
            total=len(rows),
            check=check,
            sentence=checked.check_sentence(check) if check else "",
            newest=newest,
            under_way=checked.newest_check(newest) if newest else None,
            **kwargs,
        )


class _ExpectationForm(DatasetMixin, FormView[ExpectationForm]):
    action = Action.UPLOAD
    form_class = ExpectationForm
    row: Expectation | None = None

    @property
    def kind(self) -> ExpectationKind:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        others = Dataset.objects.filter(project=self.project).exclude(pk=self.dataset.pk)
        return {
            **super().get_form_kwargs(),
            "kind": self.kind,
            "names": services.column_names(self.dataset),
            "others": list(others),
            "row": self.row,
        }

    def form_valid(self, form: ExpectationForm) -> HttpResponse:
        try:
            self.save(form)
        except InputRejected as error:
            form.reject(error)
            return self.render_to_response(self.get_context_data(form=form), status=status_of(error))
        return redirect("datasets:expectations", self.project.slug, self.dataset.pk)

    def save(self, form: ExpectationForm) -> None:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kind=self.kind, **kwargs)


class ExpectationKinds(DatasetMixin, TemplateView):
    """What can be expected: the first step of adding an expectation."""

    template_name = "datasets/expectation_kinds.html"
    action = Action.UPLOAD
    extra_context = MappingProxyType({"kinds": KINDS.values()})


class ExpectationAdd(_ExpectationForm):
    """The settings of one kind, which the address names."""

    template_name = "datasets/expectation_add.html"

    @cached_property
    def kind(self) -> ExpectationKind:
        kind = KINDS.get(self.kwargs["kind"])
        if kind is None:
            raise Http404
        return kind

    def save(self, form: ExpectationForm) -> None:
        services.add_expectation(dataset=self.dataset, user=self.person, kind=self.kind.key, **form.said())
        messages.success(self.request, _("It is checked at every new version from now on."))


class ExpectationMixin(DatasetMixin):
    """Finds the expectation of the address in the data set."""

    action = Action.UPLOAD

    @cached_property
    def row(self) -> Expectation:
        rows = Expectation.objects.select_related("project", "dataset")
        return get_object_or_404(rows, dataset=self.dataset, pk=self.kwargs["expectation"])

    @property
    def sentence(self) -> str:
        return message(describe(record(self.row), checked.names_of(self.dataset)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(row=self.row, sentence=self.sentence, **kwargs)


class ExpectationEdit(ExpectationMixin, _ExpectationForm):  # type: ignore[misc]
    template_name = "datasets/expectation_edit.html"

    @property
    def kind(self) -> ExpectationKind:
        return KINDS[self.row.kind]

    def save(self, form: ExpectationForm) -> None:
        services.change_expectation(expectation=self.row, user=self.person, **form.said())
        messages.success(self.request, _("The expectation was changed. The next check asks for it."))


class ExpectationDelete(ExpectationMixin, TemplateView):
    """Asks before an expectation is deleted."""

    template_name = "datasets/expectation_delete.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.delete_expectation(expectation=self.row, user=self.person)
        messages.success(request, _("This is expected no longer."))
        return redirect("datasets:expectations", self.project.slug, self.dataset.pk)


class SuggestionList(DatasetMixin, TemplateView):
    """What the newest version proposes to expect, with check boxes."""

    template_name = "datasets/suggestions.html"
    action = Action.UPLOAD

    @cached_property
    def suggested(self) -> tuple[DatasetVersion | None, list[Any]]:
        return services.suggestions(self.dataset)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = SuggestionsForm(request.POST)
        severity = form.cleaned_data["severity"] if form.is_valid() else ""
        try:
            added = services.accept_suggestions(
                dataset=self.dataset, user=self.person, keys=request.POST.getlist("key"), severity=severity
            )
        except InputRejected as error:
            context = self.get_context_data(fault=translate(error.message))
            return self.render_to_response(context, status=status_of(error))
        words = ngettext("%(n)d expectation was added.", "%(n)d expectations were added.", len(added))
        messages.success(request, words % {"n": len(added)})
        return redirect("datasets:expectations", self.project.slug, self.dataset.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version, proposals = self.suggested
        page = Paginator(proposals, SUGGESTED).get_page(self.request.GET.get("page") or 1)
        chosen = set(self.request.POST.getlist("key"))
        return super().get_context_data(
            version=version,
            page_obj=page,
            lines=[
                (each.key, message(describe(each.expectation)), message(each.reason), each.key in chosen)
                for each in page
            ],
            form=SuggestionsForm(self.request.POST or None),
            **kwargs,
        )
