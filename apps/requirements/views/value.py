"""The price list: what the decisions of a model are worth, and who agrees with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.common.translate import translate
from apps.compute.messages import InputRejected, Message
from apps.compute.money.formula import PRICE_NAMES, formula, shown_price
from apps.compute.money.terms import USED, check_prices
from apps.compute.results import Task
from apps.compute.value import FORMULAS
from apps.evaluations.models import Run, task_label
from apps.projects.access import Action, require
from apps.requirements import services
from apps.requirements.forms import ApprovalForm, ValueForm
from apps.requirements.measures import prices_of
from apps.requirements.models import ProjectJudgement, ValueCase
from apps.requirements.views.base import ServiceForm


class ValuePage(ServiceForm, FormView[ValueForm]):
    """Everybody reads the prices; managers write the next version of them."""

    form_class = ValueForm
    template_name = "requirements/value.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    @cached_property
    def cases(self) -> list[ValueCase]:
        cases = ValueCase.objects.marked().filter(project=self.project).order_by("-number")
        return list(cases.select_related("project", "author", "approval__approver"))

    @property
    def newest(self) -> ValueCase | None:
        return self.cases[0] if self.cases else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "newest": self.newest}

    def save(self, form: ValueForm) -> HttpResponse:
        case = services.set_value_case(
            project=self.project,
            user=self.person,
            fields=form.value_fields(),
            reason=form.cleaned_data.get("reason", ""),
        )
        counts = ValueCase.objects.in_force(self.project).get() == case
        messages.success(
            self.request,
            _("The price list is saved, and requirements in money are judged by it.")
            if counts
            else _("The price list is saved. It counts once somebody approves it."),
        )
        return redirect("requirements:value", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        judgement = ProjectJudgement.objects.select_related("run").filter(project=self.project).first()
        counting = next((case for case in self.cases if case.in_force), None)  # type: ignore[attr-defined]
        newest = self.newest
        waits = newest is not None and not newest.is_approved
        may_approve = newest is not None and waits and services.may_approve(newest, self.person)
        return super().get_context_data(
            cases=[(case, priced(case)) for case in self.cases],
            counting=counting,
            prices=priced(counting) if counting else [],
            waits=newest if waits else None,
            formulas=list(self.formulas(counting)),
            judgement=judgement,
            may_approve=may_approve,
            **{"approval": ApprovalForm() if may_approve else None, **kwargs},
        )

    def formulas(self, case: ValueCase | None) -> Iterator[tuple[str, str, str]]:
        """For the tasks of the project's runs: the task, the formula, and what keeps it from counting."""
        runs = Run.objects.filter(project=self.project).exclude(task="").order_by("task")
        known = [Task(task) for task in runs.values_list("task", flat=True).distinct()]
        for task in [task for task in known if task in USED] or FORMULAS:
            if case is None:
                yield task_label(task), _(FORMULAS.get(task, FORMULAS[Task.REGRESSION])), ""
                continue
            prices = prices_of(case)
            try:
                check_prices(prices, task)
            except InputRejected as error:
                if known:
                    yield task_label(task), "", translate(error.message)
            else:
                yield task_label(task), translate(formula(prices, task)), ""


def priced(case: ValueCase) -> list[tuple[str, str]]:
    """The prices that are not 0: their names and what they are, with sign and unit."""
    found = []
    for name, words in PRICE_NAMES.items():
        if price := getattr(case, name):
            shown = Message("%(price)s", {"price": shown_price(name, price, case.currency)})
            found.append((_(words), translate(shown)))
    return found


class ApproveValue(ValuePage):
    """Agree with a version of the price list."""

    http_method_names = ["post"]
    action = Action.MANAGE

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = ValueCase.objects.filter(project=self.project).select_related("project")
        case = get_object_or_404(rows, number=self.kwargs["number"])
        approval = ApprovalForm(request.POST)
        if approval.is_valid():
            try:
                services.approve_value_case(case=case, user=self.person, note=approval.cleaned_data["note"])
            except InputRejected as error:
                approval.add_error(None, translate(error.message))
            else:
                messages.success(
                    request, _("The price list is approved, and requirements in money are judged by it.")
                )
                return redirect("requirements:value", self.project.slug)
        context = self.get_context_data(form=ValueForm(newest=self.newest), approval=approval)
        return self.render_to_response(context, status=422)
