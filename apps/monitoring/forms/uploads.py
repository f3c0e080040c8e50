"""What is said beside a file: the window of a batch, the columns of labels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy

from apps.monitoring.forms.fields import MomentField, text


class BatchForm(forms.Form):
    """The window; without one the portal takes it from the times of the rows."""

    start = MomentField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("In the time zone of the system. Empty: the portal finds the window."),
    )
    end = MomentField(label=gettext_lazy("Until"), required=False)
    replace = forms.BooleanField(
        label=gettext_lazy("It corrects the batch that is there for this window"), required=False
    )

    def window(self, zone: str) -> dict[str, Any]:
        return {name: in_zone(self.cleaned_data[name], zone) for name in ("start", "end")}


class LabelForm(forms.Form):
    """Names of the two columns; without them the portal finds them."""

    id_column = forms.CharField(
        label=gettext_lazy("Column with the ids"), required=False, max_length=600, strip=False, widget=text()
    )
    label_column = forms.CharField(
        label=gettext_lazy("Column with the labels"),
        required=False,
        max_length=600,
        strip=False,
        help_text=gettext_lazy("Empty: the portal takes the columns that are called as in the batches."),
        widget=text(),
    )


def in_zone(moment: datetime | None, zone: str) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=ZoneInfo(zone))
