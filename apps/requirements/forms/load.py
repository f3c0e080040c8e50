"""The calculator by Little's law."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class LoadForm(forms.Form):
    """What is known of a load. Wrong values are named; nothing is stored."""

    batch_size = forms.IntegerField(
        label=gettext_lazy("Rows in one call"), min_value=1, max_value=1_000_000_000, initial=100
    )
    call_ms = forms.FloatField(
        label=gettext_lazy("Duration of one call, ms"), min_value=0.000001, max_value=1e12, initial=300
    )
    concurrency = forms.IntegerField(
        label=gettext_lazy("Calls at the same time"), min_value=1, max_value=1_000_000_000, initial=1
    )
    rows = forms.IntegerField(
        label=gettext_lazy("Rows that wait at the start"), min_value=1, max_value=1_000_000_000, initial=300
    )
    per_second = forms.FloatField(
        label=gettext_lazy("Rows per second that are wanted"),
        min_value=0.000001,
        max_value=1e12,
        required=False,
    )
