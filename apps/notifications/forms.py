"""What people type about webhooks and about being told."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.notifications.models import Delivery, Preference, Severity, Webhook
from apps.notifications.services import PreferenceFields, WebhookFields


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "input select"})


def _time() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M")


class WebhookForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("For the list: “Chat of the team”."),
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_(
            "Where messages are posted to, such as https://hooks.example.org/portal. Only managers see it."
        ),
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "url", "autocomplete": "off"}),
    )
    format = forms.ChoiceField(label=_("Format"), choices=Webhook.Format.choices, widget=_select())
    severity = forms.ChoiceField(
        label=_("What is sent"), choices=Severity.choices, initial=Severity.WARN, widget=_select()
    )
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        initial=True,
        help_text=_("While it is off nothing is sent, and what happens meanwhile is not sent later."),
    )

    def fields_said(self) -> WebhookFields:
        return WebhookFields(**self.cleaned_data)


class PreferenceForm(forms.Form):
    mail = forms.ChoiceField(label=_("Mail"), choices=Preference.Mail.choices, widget=_select())
    severity = forms.ChoiceField(label=_("What is sent"), choices=Severity.choices, widget=_select())
    digest_at = forms.TimeField(
        label=_("Mail of the day at"),
        help_text=_("When it is sent, if you chose one a day."),
        widget=_time(),
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        help_text=_("No mail is sent from then on; what happens waits for the end."),
        widget=_time(),
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, help_text=_("May be on the next morning."), widget=_time()
    )
    zone = forms.ChoiceField(label=_("Time zone"), widget=_select())
    language = forms.ChoiceField(
        label=_("Language of the mail"), choices=settings.LANGUAGES, widget=_select()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]

    def fields_said(self) -> PreferenceFields:
        return PreferenceFields(**self.cleaned_data)


class DeliveryFilterForm(forms.Form):
    """The toolbar over the log. Wrong values are left out, so that an old link still opens."""

    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("All states")), *Delivery.State.choices],
        widget=_select(),
    )
    webhook = forms.ChoiceField(required=False, label=_("Receiver"), widget=_select())

    def __init__(self, *args: Any, webhooks: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        receivers = [("", _("All receivers")), *((str(pk), name) for pk, name in webhooks)]
        self.fields["webhook"].choices = receivers  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
