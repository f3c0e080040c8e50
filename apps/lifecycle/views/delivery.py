"""Delivery: fixed scope. Its deliverables, the burn-up with the forecast, and every change of the scope."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.compute.figures import burn as figures
from apps.lifecycle import burn, sentences, services
from apps.lifecycle.forms import AgreeScopeForm, DeliverableForm, FinishForm, ReasonForm, ResizeForm
from apps.lifecycle.models import Deliverable, Phase, ScopeChange
from apps.lifecycle.views.base import ButtonView, FormPage, ServiceView
from apps.lifecycle.views.phases import PhaseMixin
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin


class Delivery(PhaseMixin, ServiceView[DeliverableForm]):
    """Everybody reads; managers add to the scope on the same page."""

    template_name = "lifecycle/delivery.html"
    form_class = DeliverableForm
    kind = Phase.Kind.DELIVERY
    page = "delivery"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        agreed = self.phase is not None and self.phase.baseline_at is not None
        return {**super().get_form_kwargs(), "agreed": agreed}

    def perform(self, form: DeliverableForm) -> str:
        added = services.add_deliverable(phase=self.there(), user=self.person, **form.cleaned_data)
        return _("%(code)s is in the scope.") % {"code": added.code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, **self._scope(self.phase, context["may"])} if self.phase else context

    def _scope(self, phase: Phase, may: dict[str, bool]) -> dict[str, Any]:
        rows = list(Deliverable.objects.filter(phase=phase).order_by("number"))
        changes = list(ScopeChange.objects.filter(phase=phase).select_related("deliverable", "changed_by"))
        series = burn.burn_up(phase, rows, changes, timezone.localdate())
        agreed = phase.baseline_at is not None
        end, promised = series.p50_on if agreed else None, phase.promised_on
        return {
            "rows": sorted(rows, key=lambda row: (row.removed_on is not None, row.done_on is not None)),
            "changes": [(change, sentences.signed(change.change)) for change in reversed(changes)],
            "done": series.done[-1],
            "total": series.scope[-1],
            "agreed_size": series.scope[-1] - sum(change.change for change in changes),
            "forecast": series.forecast if agreed and series.remaining else None,
            "end": end,
            "end_80": series.p80_on,
            "late": bool(end and promised and series.remaining and end > promised),
            "lead": sentences.of_delivery(phase, series),
            "working": may["upload"] and phase.closed_at is None,
            "figure": figures.burn_up(series) if agreed else None,
        }


class AgreeScope(FormPage[AgreeScopeForm]):
    action = Action.MANAGE
    form_class = AgreeScopeForm
    page = "delivery"

    @cached_property
    def phase(self) -> Phase:
        phases = Phase.objects.select_related("project")
        return get_object_or_404(phases, project=self.project, kind=Phase.Kind.DELIVERY, closed_at=None)

    def get_initial(self) -> dict[str, Any]:
        return {"promised_on": self.phase.promised_on}

    def perform(self, form: AgreeScopeForm) -> str:
        services.agree_scope(phase=self.phase, user=self.person, **form.cleaned_data)
        return _("The scope is agreed. Every later change is recorded with who and why.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Agree on the scope"),
            "lead": _("The deliverables as they stand become the baseline. Later changes need a reason."),
            "button": _("Agree on the scope"),
            "icon": "check",
        }


class DeliverableMixin(ProjectMixin):
    action = Action.MANAGE
    page = "delivery"

    @cached_property
    def deliverable(self) -> Deliverable:
        rows = Deliverable.objects.select_related("project", "phase")
        return get_object_or_404(rows, project=self.project, number=self.kwargs["number"])

    @property
    def agreed(self) -> bool:
        return self.deliverable.phase.baseline_at is not None


class Finish(DeliverableMixin, FormPage[FinishForm]):
    """The list's button posts without a day: it is done today."""

    action = Action.UPLOAD
    form_class = FinishForm

    def perform(self, form: FinishForm) -> str:
        services.finish_deliverable(deliverable=self.deliverable, user=self.person, **form.cleaned_data)
        return _("%(code)s is done.") % {"code": self.deliverable.code}

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("When was %(code)s done?") % {"code": self.deliverable.code},
            "quote": self.deliverable.name,
            "button": _("It is done"),
            "icon": "check",
        }


class ReopenDeliverable(DeliverableMixin, ButtonView):
    action = Action.UPLOAD

    def perform(self) -> str:
        services.reopen_deliverable(deliverable=self.deliverable, user=self.person)
        return _("%(code)s is open again.") % {"code": self.deliverable.code}


class Resize(DeliverableMixin, FormPage[ResizeForm]):
    form_class = ResizeForm

    def get_initial(self) -> dict[str, Any]:
        return {"size": self.deliverable.size}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "agreed": self.agreed}

    def perform(self, form: ResizeForm) -> str:
        services.resize_deliverable(deliverable=self.deliverable, user=self.person, **form.cleaned_data)
        return _("The size of %(code)s was changed.") % {"code": self.deliverable.code}

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Change the size of %(code)s") % {"code": self.deliverable.code},
            "lead": _("The change of the scope is recorded with your name.") if self.agreed else "",
            "quote": self.deliverable.name,
            "button": _("Change the size"),
        }


class TakeOut(DeliverableMixin, FormPage[ReasonForm]):
    form_class = ReasonForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "needed": self.agreed}

    def perform(self, form: ReasonForm) -> str:
        services.remove_deliverable(deliverable=self.deliverable, user=self.person, **form.cleaned_data)
        return _("%(code)s is no longer in the scope.") % {"code": self.deliverable.code}

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Take %(code)s out of the scope?") % {"code": self.deliverable.code},
            "lead": _("It stays in the list as taken out; its number is not used again."),
            "quote": self.deliverable.name,
            "button": _("Take it out"),
            "icon": "x",
            "danger": True,
        }
