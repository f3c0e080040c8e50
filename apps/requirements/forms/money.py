"""The price list of a project."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.requirements.models import ValueCase
from apps.requirements.services import ValueFields

PRICES_AND_COSTS = ("hit", "miss", "false_alarm", "error_unit", "running_cost", "spent")
LARGEST = 1e12


def plain(value: Any) -> Any:
    """Whole numbers without ".0", as people write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class ValueForm(forms.ModelForm[ValueCase]):
    class Meta:
        model = ValueCase
        fields = [
            "currency",
            "volume_per_year",
            *PRICES_AND_COSTS,
            "hoped_per_year",
            "delay_per_week",
            "reason",
        ]
        widgets = {"reason": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "currency": gettext_lazy("Three letters: EUR, USD, RUB"),
            "volume_per_year": gettext_lazy("How many rows a year the model decides about."),
            "hit": gettext_lazy("What a found positive, or a right class, is worth."),
            "miss": gettext_lazy("A positive that was not found, or a wrong class. A positive number."),
            "false_alarm": gettext_lazy("Two classes only: an alarm for nothing. A positive number."),
            "error_unit": gettext_lazy("Regression only: what each unit of error costs."),
            "hoped_per_year": gettext_lazy("What the project promised when it began."),
            "delay_per_week": gettext_lazy("What the company loses in each week that the project is late."),
            "reason": gettext_lazy("What changed since the last price list."),
        }

    def __init__(self, *args: Any, newest: ValueCase | None, **kwargs: Any) -> None:
        """``newest`` is the price list in force; a change of it needs a reason."""
        if newest is not None:
            kwargs["initial"] = {
                name: plain(getattr(newest, name)) for name in self.Meta.fields if name != "reason"
            }
        super().__init__(*args, **kwargs)
        if newest is None:
            del self.fields["reason"]
        else:
            self.fields["reason"].required = True
        for name in (*PRICES_AND_COSTS, "hoped_per_year", "delay_per_week"):
            self.fields[name].required = False  # a price that nobody named is nought
        for field in self.fields.values():
            if isinstance(field, forms.FloatField):
                field.widget.attrs["step"] = "any"
        self.fields["currency"].widget.attrs |= {"size": 3, "autocomplete": "off"}

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise forms.ValidationError(_("Write the three letters of the currency, for example EUR"))
        return currency

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if not isinstance(field, forms.FloatField) or name not in cleaned:
                continue
            if cleaned[name] is None and name in PRICES_AND_COSTS:
                cleaned[name] = 0.0
            value = cleaned[name]
            if value is not None and not (0 <= value <= LARGEST) and name != "hit":
                self.add_error(name, _("Write a positive number, at most a thousand billion."))
        return cleaned

    def value_fields(self) -> ValueFields:
        """Of a valid form."""
        return ValueFields(**{name: self.cleaned_data[name] for name in self.Meta.fields if name != "reason"})
