"""Evidence that people record, and waivers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.projects.access import Action
from apps.requirements import services
from apps.requirements.forms import EVIDENCE_FORMS, EvidenceForm, WaiverForm
from apps.requirements.models import Evidence
from apps.requirements.views.base import RequirementMixin, ServiceForm


class EvidenceCreate(RequirementMixin, ServiceForm, FormView[EvidenceForm]):
    """``?kind=`` chooses the fields."""

    action = Action.UPLOAD
    template_name = "requirements/evidence.html"

    @property
    def kind(self) -> str:
        kind = self.request.GET.get("kind", "")
        return kind if kind in EVIDENCE_FORMS else Evidence.Kind.JUDGEMENT.value

    def get_form_class(self) -> type[EvidenceForm]:
        return EVIDENCE_FORMS[self.kind]

    def save(self, form: EvidenceForm) -> HttpResponse:
        services.record_evidence(
            requirement=self.requirement, user=self.person, fields=form.evidence_fields()
        )
        messages.success(self.request, _("The evidence is recorded, and the verdict follows from it."))
        return redirect("requirements:detail", self.project.slug, self.requirement.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = [(kind, Evidence.Kind(kind).label) for kind in EVIDENCE_FORMS]
        return super().get_context_data(kind=self.kind, kinds=kinds, **kwargs)


class WaiverCreate(RequirementMixin, ServiceForm, FormView[WaiverForm]):
    action = Action.MANAGE
    form_class = WaiverForm
    template_name = "requirements/waiver.html"
    field_of: Mapping[str, str] = {
        "expired_already": "expires_on",
        "day_too_far": "expires_on",
        "owner_no_member": "owner",
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def save(self, form: WaiverForm) -> HttpResponse:
        services.grant_waiver(requirement=self.requirement, user=self.person, **form.cleaned_data)
        messages.success(
            self.request, _("Gates may do without %(code)s until then.") % {"code": self.requirement.code}
        )
        return redirect("requirements:detail", self.project.slug, self.requirement.number)


class WaiverRevoke(RequirementMixin, View):
    """Ends the waiver that holds today; there is one at most."""

    action = Action.MANAGE

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            for waiver in services.active_waivers(self.requirement).select_related("project"):
                services.revoke_waiver(waiver=waiver, user=self.person)
                messages.success(request, _("The waiver ended; the requirement counts again."))
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("requirements:detail", self.project.slug, self.requirement.number)
