"""Is machine learning the right tool? The sheet with its advice, and one page for each question."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from apps.common.translate import translate
from apps.compute.fit import QUESTION_BY_KEY, QUESTIONS, Group, Question, advise
from apps.lifecycle import sentences, services
from apps.lifecycle.forms import FitForm
from apps.lifecycle.models import FitAnswer
from apps.lifecycle.views.base import FormPage
from apps.projects.access import Action
from apps.projects.views import ProjectMixin

State = FitAnswer.State
GROUPS = {
    Group.ASSUMPTION: (gettext_lazy("Assumptions"), gettext_lazy("Each of them has to hold.")),
    Group.FOR: (gettext_lazy("Signs for it"), gettext_lazy("The more of them hold, the more it pays.")),
    Group.AGAINST: (gettext_lazy("Signs against it"), gettext_lazy("One that holds is enough to stop.")),
}
#: What an answer means for machine learning: a light for each group and state.
LIGHTS = {
    (Group.ASSUMPTION, State.TESTED): "ok",
    (Group.ASSUMPTION, State.REFUTED): "bad",
    (Group.FOR, State.TESTED): "ok",
    (Group.FOR, State.REFUTED): "warn",
    (Group.AGAINST, State.TESTED): "bad",
    (Group.AGAINST, State.REFUTED): "ok",
}
#: Of a long list of reasons the rest is folded away.
FIRST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Row:
    question: Question
    answer: FitAnswer | None

    @property
    def light(self) -> str:
        return LIGHTS.get((self.question.group, State(self.answer.state)), "none") if self.answer else "none"

    @property
    def word(self) -> str:
        if self.answer is None:
            return _("not answered")
        return str(self.answer.get_state_display())


class FitSheet(ProjectMixin, TemplateView):
    template_name = "lifecycle/fit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = (
            FitAnswer.objects.filter(project=self.project)
            .select_related("run", "file", "owner", "answered_by")
            .defer("run__result", "run__join_report", "file__profile", "file__roles")
        )
        answers = {answer.question: answer for answer in given}
        states = {key: answer.state for key, answer in answers.items()}
        advice = advise(states)
        counts = Counter(states.values())
        groups = [
            (group, *words, [Row(q, answers.get(q.key)) for q in QUESTIONS if q.group == group])
            for group, words in GROUPS.items()
        ]
        return super().get_context_data(
            advice=advice,
            lead=sentences.of_fit(advice.kind, len(states), len(QUESTIONS), counts[State.ASSUMED]),
            first_reasons=advice.reasons[:FIRST_REASONS],
            more_reasons=advice.reasons[FIRST_REASONS:],
            groups=groups,
            unanswered=next((q.key for q in QUESTIONS if q.key not in answers), ""),
            **kwargs,
        )


class AnswerFit(FormPage[FitForm]):
    """One question. The second button leads to the next one that nobody has answered."""

    action = Action.UPLOAD
    form_class = FitForm
    page = "fit"

    @cached_property
    def question(self) -> Question:
        try:
            return QUESTION_BY_KEY[self.kwargs["question"]]
        except KeyError as error:
            raise Http404 from error

    @cached_property
    def answer(self) -> FitAnswer | None:
        answers = FitAnswer.objects.select_related("run", "file", "owner")
        return answers.filter(project=self.project, question=self.question.key).first()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project, "answer": self.answer}

    def get_initial(self) -> dict[str, Any]:
        if self.answer is None:
            return {"state": State.ASSUMED, "owner": self.person}
        names = ("state", "note", "link", "run", "file", "owner")
        return {name: getattr(self.answer, name) for name in names}

    def perform(self, form: FitForm) -> str:
        services.answer_fit(
            project=self.project, user=self.person, question=self.question.key, **form.cleaned_data
        )
        return _("The answer is saved: %(question)s") % {"question": translate(self.question.label)}

    def get_success_url(self) -> str:
        following = self._next_unanswered() if "next" in self.request.POST else ""
        if following:
            return reverse("lifecycle:answer-fit", args=[self.project.slug, following])
        return self.back_url

    def _next_unanswered(self) -> str:
        answered = set(FitAnswer.objects.filter(project=self.project).values_list("question", flat=True))
        place = QUESTIONS.index(self.question)
        circle = (*QUESTIONS[place:], *QUESTIONS[:place])
        return next((q.key for q in circle if q.key not in answered), "")

    def words(self) -> dict[str, Any]:
        return {
            "heading": translate(self.question.label),
            "lead": translate(self.question.why),
            "button": _("Save the answer"),
            "next": _("Save, then the next open question"),
            "aside": [
                (State.ASSUMED.label, _("Somebody believes that it holds. Nothing was tried yet.")),
                (State.TESTED.label, _("A run, a file, a link or a note shows it.")),
                (State.REFUTED.label, _("It was tried, and the evidence says no.")),
            ],
        }
