"""What people type about model versions and retraining."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.evaluations.models import Model
from apps.lifecycle.forms import OfferedChoice, ServiceForm, text_area
from apps.notifications.models import Webhook
from apps.projects.models import Project
from apps.releases.models import RetrainingRequest, Stage

State = RetrainingRequest.State


class StageForm(ServiceForm):
    """``moves`` are the stages that are offered."""

    FIELDS_BY_CODE: ClassVar = {"text_missing": "reason", "text_too_long": "reason"}

    stage = forms.ChoiceField(label=_("Move it to"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why?"),
        max_length=1_000,
        widget=text_area(),
        help_text=_("Such as: beats the champion on the data of May. It is kept with your name."),
    )

    def __init__(self, *args: Any, moves: Iterable[Stage] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage: Any = self.fields["stage"]
        stage.choices = [(move.value, move.label) for move in moves]


class WebhookChoice(OfferedChoice):
    def __init__(self) -> None:
        super().__init__(
            Webhook.objects.none(),
            label=_("Trainer"),
            required=False,
            empty_label=_("Nobody trains by request"),
            help_text=_("The webhook that is told of retraining requests. Its answer comes by the API."),
        )


class RuleForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {"webhook_of_other_project": "trainer"}

    needs_gate = forms.BooleanField(
        label=_("Approval needs the gate to production"),
        required=False,
        help_text=_("It passes when the gate advises to go on, or when people decided to go on there."),
    )
    trainer = WebhookChoice()

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trainer: Any = self.fields["trainer"]
        trainer.offer(Webhook.objects.filter(project=project), self.initial.get("trainer"))


class ModelChoice(OfferedChoice):
    def __init__(self) -> None:
        super().__init__(Model.objects.none(), label=_("Model"), empty_label=_("Choose a model"))


class RetrainingForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {
        "text_missing": "reason",
        "text_too_long": "reason",
        "asked_already": "model",
        "model_of_other_project": "model",
        "bad_details": "details",
        "details_too_long": "details",
    }

    model = ModelChoice()
    reason = forms.CharField(
        label=_("Why?"),
        max_length=1_000,
        widget=text_area(),
        help_text=_("Such as: the error has grown by a tenth since March."),
    )
    details = forms.JSONField(
        label=_("Details for the trainer"),
        required=False,
        initial=dict,
        widget=text_area(),
        help_text=_("JSON that is passed on as it is; at most 20 kB."),
        error_messages={"invalid": _('Write JSON, for example {"data_until": "2026-03-31"}')},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model: Any = self.fields["model"]
        model.offer(Model.objects.filter(project=project))

    def clean_details(self) -> dict[str, Any]:
        details = self.cleaned_data["details"]
        if details is not None and not isinstance(details, dict):
            raise forms.ValidationError(_('Write names and values, for example {"data_until": "2026-03-31"}'))
        return details or {}


class AnswerForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {
        "no_version": "version_label",
        "version_without_end": "version_label",
        "text_too_long": "note",
        "bad_cost": "cost",
    }

    state = forms.ChoiceField(
        label=_("What became of it?"),
        choices=[choice for choice in State.choices if choice[0] != State.ASKED],
        widget=forms.RadioSelect,
    )
    version_label = forms.CharField(
        label=_("New version"), max_length=120, required=False, help_text=_("When it is done.")
    )
    note = forms.CharField(label=_("Note"), max_length=5_000, required=False, widget=text_area())
    cost = forms.FloatField(label=_("Cost"), min_value=0, required=False)
