"""Weak slices: asking for them, the answer, and saving one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView

from apps.analysis.forms import NameForm, SlicesForm
from apps.analysis.kinds import slices as kind
from apps.analysis.saved_slices import MOST_CHARACTERS, found_conditions, save_slice
from apps.analysis.views.base import AnswerPage, AskPage
from apps.analysis.words import chance_in_words, conditions_in_words, found_in_words
from apps.common.formats import change_interval, interval, number, quantity
from apps.common.translate import translate
from apps.compute.figures.slices import weakest
from apps.compute.messages import InputRejected
from apps.compute.metrics.registry import METRICS
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.compute.weak_slices_result import SliceSearch, WeakSlice
from apps.evaluations.models import Run
from apps.projects.access import Action


class AskSlices(AskPage):
    kind = kind.KEY
    form_class = SlicesForm


class SlicesAnswer(AnswerPage):
    kind = kind.KEY
    answer_template = "analysis/slices.html"

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        found = SliceSearch.from_json(result)
        unit = error_unit(self.run, found)
        return {
            "search": found,
            "unit": unit,
            "lead": lead(found, unit),
            "rows": [_row(each, unit) for each in found.found],
            "figure": weakest(found),
        }


def error_unit(run: Run, found: SliceSearch) -> str:
    """The unit of the mean error: that of the task's main metric."""
    return "share" if found.is_share else METRICS[TASK_KINDS[Task(run.task)].main].unit


def lead(found: SliceSearch, unit: str) -> list[str]:
    looked = ngettext("%(n)s slice was looked at.", "%(n)s slices were looked at.", found.looked) % {
        "n": number(found.looked, 0)
    }
    if not found.found:
        return [_("No slice is worse than the others beyond chance."), looked]
    worst = found.found[0]
    said = {
        "slice": found_in_words(worst),
        "error": quantity(worst.mean, unit, worst.low, worst.high),
        "interval": interval(worst.low, worst.high, unit, worst.mean),
        "all": quantity(found.mean, unit, found.low, found.high),
        "rows": quantity(worst.share_of_rows, "share"),
        "errors": quantity(worst.share_of_loss, "share"),
    }
    if found.is_share:
        words = _("Weakest where %(slice)s: %(error)s are wrong (%(interval)s), of all rows %(all)s.")
    else:
        words = _("Weakest where %(slice)s: the mean error is %(error)s (%(interval)s), of all rows %(all)s.")
    sentences = [words % said]
    if worst.share_of_loss is not None:
        sentences.append(_("These are %(rows)s of the rows and %(errors)s of all errors.") % said)
    return [*sentences, looked]


def _row(found: WeakSlice, unit: str) -> dict[str, Any]:
    apart = (found.difference, found.difference_low, found.difference_high)
    return {
        "found": found,
        "words": found_in_words(found),
        "interval": interval(found.low, found.high, unit, found.mean),
        "apart": change_interval(*apart, unit),
        "chance": chance_in_words(found.corrected),
    }


class SaveFound(AnswerPage, FormView[NameForm]):
    """Keep a slice that the search found under a name."""

    kind = kind.KEY
    form_class = NameForm
    action = Action.UPLOAD

    def get_template_names(self) -> list[str]:
        return ["analysis/save_found.html"]

    @cached_property
    def conditions(self) -> list[dict[str, Any]]:
        found = found_conditions(self.analysis, self.kwargs["found"])
        if found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        return {"name": conditions_in_words(self.conditions)[:MOST_CHARACTERS]}

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        return {"words": conditions_in_words(self.conditions)}

    def form_valid(self, form: NameForm) -> HttpResponse:
        try:
            saved = save_slice(
                project=self.project,
                user=self.person,
                name=form.cleaned_data["name"],
                conditions=self.conditions,
            )
        except InputRejected as error:
            form.add_error("name", translate(error.message))
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("The slice “%(name)s” was saved. The newest runs are measured on it now.")
            % {"name": saved.name},
        )
        return redirect("analysis:saved-slices", self.project.slug)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
