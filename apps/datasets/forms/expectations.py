"""What people expect of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.translate import translate
from apps.compute.expectations import ExpectationKind
from apps.compute.expectations.params import Param
from apps.compute.messages import InputRejected
from apps.datasets.forms.datasets import LinesField
from apps.datasets.models import Dataset, Expectation
from apps.datasets.services.expectations import NOTE_CHARACTERS, REASON_CHARACTERS

#: With more columns than this their names are typed, not chosen.
MOST_OFFERED = 500


def severity_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("When a version does not meet it"),
        choices=Expectation.Severity.choices,
        initial=Expectation.Severity.WARN,
        widget=forms.RadioSelect,
    )


class ExpectationForm(forms.Form):
    """The settings of one kind. ``names``: the columns of the data; ``others``: data sets to compare with."""

    def __init__(
        self,
        *args: Any,
        kind: ExpectationKind,
        names: Sequence[str],
        others: Sequence[Dataset],
        row: Expectation | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.names, self.others = kind, names, others
        given = row.columns if row else []
        if kind.most_columns == 1:
            self.fields["column"] = self._column(_("Column"), given[:1])
        elif kind.most_columns == kind.least_columns == 2:
            self.fields["left"] = self._column(_("First column"), given[:1])
            self.fields["right"] = self._column(_("Second column"), given[1:])
        elif kind.most_columns:
            self.fields["columns"] = LinesField(
                label=_("Columns"), required=kind.least_columns > 0, initial=given, help_text=_("One a line.")
            )
        for param in kind.params:
            self.fields[param.key] = self._param(param, row.params.get(param.key) if row else None)
        self.fields["severity"] = severity_field()
        self.fields["note"] = forms.CharField(
            label=_("Why it is expected"),
            max_length=NOTE_CHARACTERS,
            required=False,
            widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
        )
        if row:
            self.initial = {"severity": row.severity, "note": row.note}

    def _column(self, label: str, given: Sequence[str]) -> forms.Field:
        first = given[0] if given else None
        if not 0 < len(self.names) <= MOST_OFFERED:
            widget = forms.TextInput(attrs={"class": "input mono"})
            return forms.CharField(label=label, initial=first, max_length=1_000, strip=False, widget=widget)
        names = [*self.names, *(name for name in given if name not in self.names)]
        return forms.ChoiceField(
            label=label,
            initial=first,
            choices=[("", _("Choose a column")), *((name, name) for name in names)],
            widget=forms.Select(attrs={"class": "input select"}),
        )

    def _param(self, param: Param, given: Any) -> forms.Field:
        said: dict[str, Any] = {"label": _(param.label), "help_text": _(param.help) if param.help else ""}
        if param.is_flag:
            return forms.BooleanField(**said, required=False, initial=given)
        said |= {"required": param.required, "initial": given}
        select = forms.Select(attrs={"class": "input select"})
        if param.is_dataset:
            offered = [(dataset.pk, dataset.name) for dataset in self.others]
            return forms.ChoiceField(**said, choices=[("", _("Choose a data set")), *offered], widget=select)
        if param.choices:
            return forms.ChoiceField(
                **said, choices=[(key, _(label)) for key, label in param.choices], widget=select
            )
        if param.is_long:
            said["initial"] = "\n".join(str(each) for each in given or [])
            return forms.CharField(**said, widget=forms.Textarea(attrs={"class": "input mono", "rows": 6}))
        return forms.CharField(**said, widget=forms.TextInput(attrs={"class": "input"}))

    def said(self) -> dict[str, Any]:
        """The arguments of the service."""
        data = self.cleaned_data
        columns = [data[name] for name in ("column", "left", "right") if name in data]
        return {
            "columns": data.get("columns", columns),
            "params": {param.key: data[param.key] for param in self.kind.params},
            "severity": data["severity"],
            "note": data["note"],
        }

    def reject(self, error: InputRejected) -> None:
        """Show what the service said at the field that it is about."""
        about = error.message.params.get("parameter")
        if about == "columns":
            about = next((name for name in ("columns", "column", "right") if name in self.fields), None)
        self.add_error(about if about in self.fields else None, translate(error.message))


class SuggestionsForm(forms.Form):
    severity = severity_field()


class AcceptForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it may pass"),
        max_length=REASON_CHARACTERS,
        help_text=gettext_lazy("For example: “The new values are right; the expectation is too old.”"),
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )
