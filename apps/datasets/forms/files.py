"""How people look for files, and what they say about columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.compute.roles import ColumnRole, Role
from apps.datasets.columns import ROLE_LABELS
from apps.datasets.models import UPLOADED

#: Roles that need a word beside them: the class of a probability, the level of a quantile.
LABELLED = frozenset({Role.PROBABILITY, Role.QUANTILE})


class FileFilterForm(forms.Form):
    """The toolbar over the list of files. Wrong values are left out, so that an old link still opens."""

    q = forms.CharField(max_length=200, required=False, label=_("Search files"))
    purpose = forms.ChoiceField(
        required=False, label=_("Purpose"), choices=[("", _("All purposes")), *UPLOADED]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].widget.attrs["class"] = "input select"
        self.fields["q"].widget = forms.TextInput(
            attrs={
                "type": "search",
                "class": "input",
                "data-filter": "",
                "autocomplete": "off",
                "placeholder": _("Name or SHA-256"),
            }
        )

    def chosen(self) -> dict[str, Any]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ColumnRolesForm(forms.Form):
    """Use and label of some columns of a file. ``columns``: the place of each in the file and its name."""

    def __init__(
        self,
        *args: Any,
        columns: Iterable[tuple[int, str]],
        roles: Mapping[str, ColumnRole],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = list(columns)
        for place, name in self.columns:
            current = roles.get(name, ColumnRole(Role.IGNORE))
            self.fields[f"role-{place}"] = forms.ChoiceField(
                choices=[(role.value, label) for role, label in ROLE_LABELS.items()],
                initial=current.role.value,
                widget=forms.Select(attrs={"class": "input select"}),
            )
            self.fields[f"label-{place}"] = forms.CharField(
                max_length=200,
                required=False,
                initial=current.label,
                widget=forms.TextInput(attrs={"class": "input"}),
            )

    def roles(self) -> dict[str, ColumnRole]:
        """What was said about the columns of this form, which must be valid."""
        said = {}
        for place, name in self.columns:
            role = Role(self.cleaned_data[f"role-{place}"])
            label = self.cleaned_data[f"label-{place}"] if role in LABELLED else ""
            said[name] = ColumnRole(role, label)
        return said
