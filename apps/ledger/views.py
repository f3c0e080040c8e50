"""The ledger of a project, and the forms of its changes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from apps.common.translate import translate
from apps.compute.figures.ledger import gain_per_day, waterfall
from apps.compute.messages import InputRejected, Message
from apps.ledger.forms import EffortForm, ElsewhereForm
from apps.ledger.models import Change
from apps.ledger.reading import Book, book
from apps.ledger.services import edit_change, record_change
from apps.ledger.shown import cards, rows
from apps.projects.access import Action
from apps.projects.views import ProjectMixin
from apps.requirements.models import ValueCase


class Ledger(ProjectMixin, TemplateView):
    """Where the gain came from."""

    template_name = "ledger/ledger.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        found = book(self.project, subject=query.get("subject", ""), metric=query.get("metric", ""))
        context = super().get_context_data(book=found, **kwargs)
        if found is None:
            return context
        case = ValueCase.objects.in_force(self.project).first()
        currency = case.currency if case else ""
        return {
            **context,
            "cards": cards(found, currency),
            "rows": rows(found, currency),
            "figures": _figures(found),
            "advice": [translate(sentence) for sentence in found.advice],
        }


def _figures(found: Book) -> list[Any]:
    entries, metric = found.entries, Message(found.metric.label)
    figures = []
    if found.start is not None and any(entry.kept for entry in entries):
        figures.append(
            waterfall(entries, found.start, metric=metric, unit=found.metric.unit, names=found.names)
        )
    rates = gain_per_day(entries, metric=metric, unit=found.metric.unit)
    return [*figures, rates] if rates is not None else figures


class ChangeForm(ProjectMixin, FormView[EffortForm]):
    action = Action.UPLOAD
    template_name = "ledger/change.html"

    def write(self, form: Any) -> Change:
        raise NotImplementedError

    def form_valid(self, form: EffortForm) -> HttpResponse:
        try:
            change = self.write(form)
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("The ledger has “%(title)s” now.") % {"title": change.title})
        return redirect("ledger:ledger", self.project.slug)

    def form_invalid(self, form: EffortForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Record(ChangeForm):
    """A change that was measured outside the portal."""

    form_class = ElsewhereForm

    def write(self, form: ElsewhereForm) -> Change:
        return record_change(
            project=self.project, user=self.person, effort=form.effort(), elsewhere=form.elsewhere()
        )


class Edit(ChangeForm):
    """Days, cost and whether a change was kept."""

    form_class = EffortForm

    @cached_property
    def change(self) -> Change:
        rows = Change.objects.filter(project=self.project).select_related("project")
        found: Change = get_object_or_404(rows, pk=self.kwargs["change"])
        return found

    def get_initial(self) -> dict[str, Any]:
        names = ("title", "subject", "days", "cost", "kept")
        return {name: getattr(self.change, name) for name in names}

    def write(self, form: EffortForm) -> Change:
        return edit_change(change=self.change, user=self.person, effort=form.effort())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(change=self.change, **kwargs)
