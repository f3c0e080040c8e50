"""The price list of a project."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.requirements.models import ValueApproval, ValueCase
from apps.requirements.services import ValueFields

#: What belongs together on the page: the title of a group, and its fields.
GROUPS = (
    (gettext_lazy("Decisions"), ("currency", "volume_per_year")),
    (
        gettext_lazy("What one decision brings and costs"),
        ("hit", "miss", "false_alarm", "review", "error_unit"),
    ),
    (
        gettext_lazy("Where each row has its own amount"),
        ("amount_column", "hit_of_amount", "miss_of_amount", "false_alarm_of_amount"),
    ),
    (gettext_lazy("Running and training"), ("running_cost", "training_cost", "trainings_per_year")),
    (
        gettext_lazy("What it is held against"),
        ("present_process", "hoped_per_year", "spent", "delay_per_week"),
    ),
    (gettext_lazy("Why"), ("reason",)),
)
#: Left empty these say nothing; a price that nobody named is nought.
UNSAID = ("present_process", "hoped_per_year", "delay_per_week")
PRICES_AND_COSTS = tuple(
    name
    for _title, names in GROUPS
    for name in names
    if name not in (*UNSAID, "currency", "volume_per_year", "amount_column", "reason")
)
ANY_SIGN = ("hit", "hit_of_amount", "present_process")
LARGEST = 1e12


def plain(value: Any) -> Any:
    """Whole numbers without ".0", as people write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class ValueForm(forms.ModelForm[ValueCase]):
    class Meta:
        model = ValueCase
        fields = [name for _title, names in GROUPS for name in names]
        widgets = {"reason": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "currency": gettext_lazy("Three letters: EUR, USD, RUB"),
            "volume_per_year": gettext_lazy("How many rows a year the model decides about."),
            "hit": gettext_lazy("What a found positive, or a right class, is worth."),
            "miss": gettext_lazy("A positive that was not found, or a wrong class. A positive number."),
            "false_alarm": gettext_lazy("Two classes only: an alarm for nothing. A positive number."),
            "review": gettext_lazy(
                "Two classes only: paid for each alarm, right or false. A positive number."
            ),
            "error_unit": gettext_lazy("Numbers only: what each unit of error costs. A positive number."),
            "amount_column": gettext_lazy(
                "A column of the files with the amount of each row in the same currency, such as the payment."
            ),
            "hit_of_amount": gettext_lazy(
                "The part of the row's amount that a hit brings; 1 is all. It adds to the value of a hit."
            ),
            "miss_of_amount": gettext_lazy("The part that a miss loses. A positive number."),
            "false_alarm_of_amount": gettext_lazy("The part that a false alarm loses. A positive number."),
            "running_cost": gettext_lazy("Computers, licences and people that keep the model at work."),
            "training_cost": gettext_lazy("Paid each time the model is trained anew."),
            "present_process": gettext_lazy(
                "What is earned today without the model, after its own costs. Negative if it costs money."
            ),
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
        for name in (*PRICES_AND_COSTS, *UNSAID):
            self.fields[name].required = False
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
            if value is not None and not (0 <= value <= LARGEST) and name not in ANY_SIGN:
                self.add_error(name, _("Write a positive number, at most a thousand billion."))
        return cleaned

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The title of each group with its fields."""
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in GROUPS]
        return [(title, fields) for title, fields in found if fields]

    def value_fields(self) -> ValueFields:
        """Of a valid form."""
        return ValueFields(**{name: self.cleaned_data[name] for name in self.Meta.fields if name != "reason"})


class ApprovalForm(forms.ModelForm[ValueApproval]):
    class Meta:
        model = ValueApproval
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"note": gettext_lazy("How you know that these prices are right.")}
