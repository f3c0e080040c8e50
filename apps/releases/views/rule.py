"""What approval demands in a project, and who trains."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.lifecycle.views.base import FormPage
from apps.projects.access import Action
from apps.releases import services
from apps.releases.forms import RuleForm
from apps.releases.services.rules import rule_of


class RulePage(FormPage[RuleForm]):
    action = Action.MANAGE
    form_class = RuleForm
    page = "models"

    @property
    def back_url(self) -> str:
        return reverse("releases:list", args=[self.project.slug])

    def get_initial(self) -> dict[str, Any]:
        rule = rule_of(self.project)
        return {"needs_gate": rule.needs_gate, "trainer": rule.trainer}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def perform(self, form: RuleForm) -> str:
        services.set_rule(project=self.project, user=self.person, **form.cleaned_data)
        return _("The rule was changed.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Rule for model versions"),
            "lead": _("What has to be so before a version is approved, and who trains a new one."),
            "button": _("Save"),
        }
