"""What people do with an alert."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.monitoring.forms.fields import area
from apps.monitoring.forms.filters import select
from apps.monitoring.services.alerts import MOST_NOTE

SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
DEEDS = ("acknowledge", "snooze", "resolve", "note")


class AlertForm(forms.Form):
    """The button ``do`` says what is done; a snooze takes ``span`` or the day ``until``."""

    do = forms.ChoiceField(choices=[(deed, deed) for deed in DEEDS])
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=MOST_NOTE, strip=True, widget=area(3)
    )
    span = forms.ChoiceField(
        label=gettext_lazy("Snooze for"),
        required=False,
        choices=[
            ("hour", gettext_lazy("1 hour")),
            ("day", gettext_lazy("1 day")),
            ("week", gettext_lazy("1 week")),
            ("date", gettext_lazy("until a day")),
        ],
        widget=select(),
    )
    until = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write a date, for example 2026-03-01")},
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("do") == "snooze" and said.get("span") == "date" and not said.get("until"):
            self.add_error("until", _("Write the day until which nobody is told of it."))
        return said

    def moment(self) -> datetime:
        """When the snooze is over; a day begins in the reader's time zone."""
        span, until = self.cleaned_data["span"] or "hour", self.cleaned_data["until"]
        if span in SPANS:
            return timezone.now() + SPANS[span]
        return timezone.make_aware(datetime.combine(until, time.min))
