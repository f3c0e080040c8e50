"""Requests to the trainer, and what came of them."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import ListView, TemplateView

from apps.common.translate import translate
from apps.evaluations.models import Model
from apps.lifecycle.views.base import FormPage
from apps.projects.access import Action
from apps.projects.views import ProjectMixin
from apps.releases import services
from apps.releases.forms import AnswerForm, RetrainingForm
from apps.releases.models import RetrainingRequest
from apps.releases.services.rules import rule_of
from apps.releases.services.training import OPEN
from apps.releases.times import retraining_times
from apps.requirements.models import ValueCase

PAGE_SIZE = 50


def _currency(project: Any) -> str:
    """The currency of the price list in force, in which costs are told; empty: not known."""
    case = ValueCase.objects.in_force(project).first()
    return case.currency if case else ""


class RetrainingList(ProjectMixin, ListView[RetrainingRequest]):
    template_name = "releases/retraining.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[RetrainingRequest]:
        requests = RetrainingRequest.objects.filter(project=self.project).defer("details", "answer")
        return requests.select_related("model", "version", "asked_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rule = rule_of(self.project)
        return super().get_context_data(
            times=retraining_times(self.project),
            currency=_currency(self.project),
            trainer=rule.trainer,
            has_models=Model.objects.filter(project=self.project).exists(),
            **kwargs,
        )


class AskRetraining(FormPage[RetrainingForm]):
    """``?model=`` chooses the model."""

    action = Action.UPLOAD
    form_class = RetrainingForm
    page = "models"

    @property
    def back_url(self) -> str:
        return reverse("releases:retraining", args=[self.project.slug])

    def get_initial(self) -> dict[str, Any]:
        return {"model": self.request.GET.get("model")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def perform(self, form: RetrainingForm) -> str:
        asked = services.request_retraining(project=self.project, user=self.person, **form.cleaned_data)
        return _("Request %(number)d goes to the trainer.") % {"number": asked.number}

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Ask for a new training"),
            "lead": _("The trainer's webhook is told, and its answer brings a new version of the model."),
            "button": _("Ask the trainer"),
            "icon": "rotate-cw",
        }


class RequestMixin(ProjectMixin):
    """Finds the request of the address."""

    @cached_property
    def asked(self) -> RetrainingRequest:
        requests = RetrainingRequest.objects.select_related(
            "project", "model", "version", "asked_by", "delivery__webhook"
        )
        return get_object_or_404(requests, project=self.project, number=self.kwargs["number"])


class RequestPage(RequestMixin, TemplateView):
    template_name = "releases/request.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.asked
        delivery = asked.delivery
        return super().get_context_data(
            asked=asked,
            is_open=asked.state in OPEN,
            details=json.dumps(asked.details, indent=2, ensure_ascii=False) if asked.details else "",
            delivery=delivery,
            problem=translate(delivery.problem) if delivery else "",
            duration=asked.ended_at - (asked.started_at or asked.asked_at) if asked.ended_at else None,
            currency=_currency(self.project),
            **kwargs,
        )


class AnswerRequest(RequestMixin, FormPage[AnswerForm]):
    """For trainers who have no script, and for requests that nobody answers any more."""

    action = Action.UPLOAD
    form_class = AnswerForm
    page = "models"

    @property
    def back_url(self) -> str:
        return reverse("releases:request", args=[self.project.slug, self.asked.number])

    def perform(self, form: AnswerForm) -> str:
        answered = services.answer_retraining(request=self.asked, user=self.person, **form.cleaned_data)
        return _("Request %(number)d: %(state)s.") % {
            "number": answered.number,
            "state": answered.get_state_display(),
        }

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Answer request %(number)d") % {"number": self.asked.number},
            "lead": _("The trainer answers by the API. Where it cannot, write down what became of it."),
            "quote": self.asked.reason,
            "button": _("Save the answer"),
        }
