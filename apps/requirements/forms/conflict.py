"""The decision about two requirements that cannot both hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy


class DecisionForm(forms.Form):
    chosen = forms.ChoiceField(label=gettext_lazy("The way out"), widget=forms.RadioSelect)
    decision = forms.CharField(
        label=gettext_lazy("The decision and its reason"),
        max_length=2_000,
        help_text=gettext_lazy("Kept for ever, beside your name and the numbers as they stand now."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, options: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["chosen"]
        chosen.choices = options
