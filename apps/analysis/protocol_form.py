"""The form of a named protocol, made from its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.analysis.forms import MOST_CHOICES, AskForm
from apps.analysis.kinds.protocol import roles_for
from apps.compute.protocols import Part, Protocol
from apps.compute.roles import ColumnRoles
from apps.datasets.forms import LinesField


class ProtocolForm(AskForm):
    standing = forms.BooleanField(label=gettext_lazy("Ask every new run too"), required=False)

    def __init__(self, *args: Any, protocol: Protocol, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.protocol = protocol
        roles = roles_for(self.run, protocol)
        for part in protocol.parts:
            field = _FIELDS[part.kind](part, roles)
            field.label, field.required = _(part.label), part.required
            field.help_text = _(part.help) if part.help else field.help_text
            self.fields[part.key] = field
        self.order_fields([*(part.key for part in protocol.parts), "standing"])

    def parts(self) -> dict[str, Any]:
        """What was said, of a valid form; what was left empty is left out."""
        said = {part.key: self.cleaned_data[part.key] for part in self.protocol.parts}
        return {name: value for name, value in said.items() if value not in (None, "", [])}


def _proposed(part: Part, roles: ColumnRoles) -> list[str]:
    return [name for name, use in roles.items() if use.role is part.role]


def _names(part: Part, roles: ColumnRoles) -> list[tuple[str, str]]:
    """All columns as choices, the proposed ones first."""
    first = _proposed(part, roles)
    return [(name, name) for name in [*first, *(name for name in roles if name not in set(first))]]


def _column(part: Part, roles: ColumnRoles) -> forms.Field:
    proposed = _proposed(part, roles)[:1]
    initial = proposed[0] if proposed and part.required else ""
    if len(roles) > MOST_CHOICES:
        widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"})
        return forms.CharField(strip=False, initial=initial, widget=widget)
    choices = [("", "—"), *_names(part, roles)]
    return forms.ChoiceField(
        choices=choices, initial=initial, widget=forms.Select(attrs={"class": "input select"})
    )


def _columns(part: Part, roles: ColumnRoles) -> forms.Field:
    initial = _proposed(part, roles) if part.required else []
    if len(roles) > MOST_CHOICES:
        return LinesField(initial=initial, help_text=_("Names of columns, one a line."))
    choices = [(name, name) for name in roles]  # in the order of the file, which may count
    widget = forms.CheckboxSelectMultiple(attrs={"class": "check"})
    return forms.MultipleChoiceField(choices=choices, initial=initial, widget=widget)


def _values(part: Part, roles: ColumnRoles) -> forms.Field:
    return LinesField(help_text=_("One a line."))


def _number(part: Part, roles: ColumnRoles) -> forms.Field:
    widget = forms.NumberInput(attrs={"class": "input fit", "step": "any"})
    low, high = part.low, part.high
    initial = part.default if isinstance(part.default, float) else None
    return forms.FloatField(min_value=low, max_value=high, initial=initial, widget=widget)


def _text(part: Part, roles: ColumnRoles) -> forms.Field:
    if part.choices:
        choices = [(choice, choice.replace("_", " ")) for choice in part.choices]
        widget = forms.Select(attrs={"class": "input select"})
        return forms.ChoiceField(choices=choices, initial=part.default, widget=widget)
    return forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"})
    )


_FIELDS: Mapping[str, Callable[[Part, ColumnRoles], forms.Field]] = {
    "column": _column,
    "columns": _columns,
    "values": _values,
    "number": _number,
    "text": _text,
}
