"""Fields that the forms of monitoring share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

from apps.compute.roles import ColumnRole, ColumnRoles, Role


def text(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", **attributes})


def number(**attributes: Any) -> forms.NumberInput:
    return forms.NumberInput(attrs={"class": "input", **attributes})


def area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "input", "rows": rows})


class MomentField(forms.CharField):
    """A day or a time without zone: it is meant where the system lives."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, widget=text(type="datetime-local", step="60"), **options)

    def clean(self, value: Any) -> Any:
        written = super().clean(value)
        if not written:
            return None
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise forms.ValidationError(_("Write a date and time, for example 2026-03-01 00:00")) from None
        return moment


def written_moment(moment: datetime | None, zone: str) -> str:
    """As `MomentField` reads it."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if moment else ""


class RolesField(forms.CharField):
    """A column a line: ``is_fraud = target``, ``score_yes = probability yes``. Gives `ColumnRoles`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100_000, required=False, widget=area(6), **options)

    def clean(self, value: Any) -> Any:
        lines = super().clean(value).splitlines()
        return dict(_role(place, line) for place, line in enumerate(lines, 1) if line.strip())


def _role(place: int, line: str) -> tuple[str, ColumnRole]:
    name, equals, said = line.rpartition("=")
    role, _space, label = said.strip().partition(" ")
    if not equals or not name.strip() or role not in set(Role):
        raise forms.ValidationError(
            _("Line %(line)d is not understood. Write a column and its role, for example: is_fraud = target")
            % {"line": place}
        )
    return name.strip(), ColumnRole(Role(role), label.strip())


def written_roles(roles: ColumnRoles) -> str:
    """As `RolesField` reads it."""
    return "\n".join(f"{name} = {role.role.value} {role.label}".rstrip() for name, role in roles.items())
