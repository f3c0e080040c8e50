"""Two requirements that cannot both hold: the trade-off, the ways out, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from apps.common.translate import translate
from apps.compute.figures.pareto import STYLES, Mark, Objective, Trace, tradeoff
from apps.compute.figures.theme import Figure
from apps.compute.messages import Message
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin
from apps.requirements import services
from apps.requirements.forms import DecisionForm
from apps.requirements.measures import metric_of
from apps.requirements.models import Conflict, Requirement, RequirementVersion, ValueCase
from apps.requirements.options import FrontPoint, Option, Ways, options_of
from apps.requirements.services.wishes import current_version
from apps.requirements.views.base import ServiceForm
from apps.requirements.wording import metric_label, target_text, unit_of

MOST_FRONT = 15
SIDES = ("first", "second")


@dataclass(frozen=True, slots=True)
class LetteredOption:
    letter: str
    option: Option


class ConflictMixin(ProjectMixin):
    """The conflict of the address; the ways out are computed only while it holds."""

    @cached_property
    def conflict(self) -> Conflict:
        rows = Conflict.objects.filter(project=self.project).select_related(
            "project",
            "decided_by",
            *(f"{side}__current__{data}" for side in SIDES for data in ("dataset", "file")),
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def ways(self) -> Ways | None:
        return options_of(self.conflict) if self.conflict.gone_at is None else None

    @cached_property
    def currency(self) -> str:
        cases = ValueCase.objects.in_force(self.project)
        return cases.values_list("currency", flat=True).first() or ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first, second = current_version(self.conflict.first), current_version(self.conflict.second)
        ways = self.ways
        options = lettered(ways.options) if ways else []
        return super().get_context_data(
            conflict=self.conflict,
            reason=translate(self.conflict.reason),
            sides=[
                (version.requirement, version, target_text(version, self.currency))
                for version in (first, second)
            ],
            options=options,
            figure=figure_of(first, second, ways, options, self.currency) if ways and ways.curves else None,
            **kwargs,
        )


def lettered(options: Sequence[Option]) -> list[LetteredOption]:
    return [LetteredOption(letter, option) for letter, option in zip(ascii_uppercase, options, strict=False)]


def objective(version: RequirementVersion, currency: str) -> Objective:
    metric = metric_of(version.metric)
    return Objective(
        code=version.requirement.code,
        metric=Message(metric.label if metric else version.metric),
        unit=unit_of(version.metric),
        limit=version.limit or 0.0,
        at_least=version.comparison == RequirementVersion.Comparison.AT_LEAST,
        currency=currency,
    )


def figure_of(
    first: RequirementVersion,
    second: RequirementVersion,
    ways: Ways,
    options: Sequence[LetteredOption],
    currency: str,
) -> Figure:
    """The second requirement lies on the x axis. Drawn are the runs of the options, then the newest."""
    wanted = {option.option.run for option in options}
    curves = sorted(ways.curves, key=lambda curve: (curve.run not in wanted, -curve.number))[: len(STYLES)]
    traces = [
        Trace(
            number=curve.number,
            threshold=curve.threshold,
            x=curve.second,
            y=curve.first,
            working=(curve.working[1], curve.working[0]) if curve.working else None,
        )
        for curve in sorted(curves, key=lambda curve: -curve.number)
    ]
    marks = [
        Mark(
            letter=item.letter,
            run=item.option.run_number or 0,
            x=item.option.second,
            y=item.option.first,
            x_holds=item.option.relaxes == "first",
        )
        for item in options
        if item.option.first is not None and item.option.second is not None
    ]
    return tradeoff(objective(second, currency), objective(first, currency), traces, marks)


class ConflictCard(ConflictMixin, TemplateView):
    """The chart and the ways out, loaded into the list of requirements."""

    template_name = "requirements/_conflict_card.html"


class ConflictPage(ConflictMixin, ServiceForm, FormView[DecisionForm]):
    form_class = DecisionForm
    template_name = "requirements/conflict.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        options = lettered(self.ways.options) if self.ways else []
        choices = [(item.option.key, f"{item.letter}. {translate(item.option.title)}") for item in options]
        return {**super().get_form_kwargs(), "options": choices}

    def save(self, form: DecisionForm) -> HttpResponse:
        services.decide_conflict(conflict=self.conflict, user=self.person, **form.cleaned_data)
        messages.success(self.request, _("The decision is recorded."))
        return redirect("requirements:conflict", self.project.slug, self.conflict.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        option = self.conflict.option
        return {
            **context,
            "front": self.front(),
            "labels": [metric_label(version.metric) for _requirement, version, _target in context["sides"]],
            "units": [unit_of(version.metric) for _requirement, version, _target in context["sides"]],
            "currency": self.currency,
            "chosen_title": translate(option["title"]) if option else "",
            "chosen_text": translate(option["text"]) if option else "",
        }

    def front(self) -> list[tuple[FrontPoint, list[Requirement]]]:
        """At most `MOST_FRONT` points, evenly chosen, with the requirements that lose there."""
        points = self.ways.front if self.ways else ()
        if len(points) > MOST_FRONT:
            step = (len(points) - 1) / (MOST_FRONT - 1)
            points = tuple(points[round(i * step)] for i in range(MOST_FRONT))
        return [(point, [getattr(self.conflict, name) for name in point.loses]) for point in points]
