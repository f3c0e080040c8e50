"""How people look for reports, and what they say when they ask for one."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.translate import translate
from apps.compute.drift.registry import TESTS, ColumnKind
from apps.compute.drift.spec import DRIFT_SHARE, ColumnSettings, DriftSpec
from apps.compute.messages import InputRejected
from apps.compute.selection import MOST_CONDITIONS, MOST_VALUES, Condition, Operator, Selection
from apps.drift.checks import MOST_SETTINGS, NAME_CHARACTERS, REASON_CHARACTERS, check_spec
from apps.drift.lists import RESULTS
from apps.drift.services import Source
from apps.drift.words import KINDS, OPERATORS

#: The list of column names that a browser offers while one is typed.
COLUMN_LIST = "columns-of-sides"


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "input select"})


def _column_field(label: Any, **options: Any) -> forms.CharField:
    attributes = {"class": "input", "list": COLUMN_LIST, "autocomplete": "off"}
    return forms.CharField(
        label=label, max_length=1_000, strip=False, widget=forms.TextInput(attrs=attributes), **options
    )


class ReportFilterForm(forms.Form):
    """The toolbar over the list of reports. Wrong values are left out, so that an old link still opens."""

    q = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Search reports"),
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "class": "input",
                "data-filter": "",
                "autocomplete": "off",
                "placeholder": gettext_lazy("Name, file or number"),
            }
        ),
    )
    result = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Result"),
        choices=[("", gettext_lazy("All results")), *RESULTS.items()],
        widget=_select(),
    )

    def chosen(self) -> dict[str, str]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def words(self) -> str:
        """The filters as a reader would say them: “bike”, No drift."""
        return ", ".join(
            f"“{value}”" if name == "q" else str(RESULTS[value]) for name, value in self.chosen().items()
        )


class ReferenceForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=REASON_CHARACTERS,
        help_text=gettext_lazy("For example: “The model was trained anew on these rows.”"),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )


class SideForm(forms.Form):
    """One side: data of the project, and perhaps a window of time. ``sources`` are the choices by key."""

    source = forms.ChoiceField(label=gettext_lazy("Data"), widget=_select())
    first = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write a date, for example 2026-03-01")},
    )
    end = forms.DateField(
        label=gettext_lazy("Before"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write a date, for example 2026-03-01")},
    )

    def __init__(self, *args: Any, choices: Iterable[Any], required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source: Any = self.fields["source"]
        source.choices, source.required = list(choices), required

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("first") and said.get("end") and said["first"] >= said["end"]:
            self.add_error("end", _("This day is not after the first one, so no row is left."))
        return said

    @property
    def has_window(self) -> bool:
        return bool(self.cleaned_data.get("first") or self.cleaned_data.get("end"))

    def window(self, column: str) -> list[Condition]:
        ends = ((Operator.FROM, "first"), (Operator.BEFORE, "end"))
        return [
            Condition(column, operator, (self.cleaned_data[name].isoformat(),))
            for operator, name in ends
            if self.cleaned_data.get(name)
        ]


class ConditionForm(forms.Form):
    """Which rows of a side are meant. ``columns``: the names that its file has, None before it is read."""

    column = _column_field(gettext_lazy("Column"))
    operator = forms.ChoiceField(
        label=gettext_lazy("Condition"), choices=[*OPERATORS.items()], widget=_select(), initial=Operator.IN
    )
    values = forms.CharField(
        label=gettext_lazy("Values"),
        max_length=10_000,
        help_text=gettext_lazy("Several with commas between them"),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, columns: Collection[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns

    def has_changed(self) -> bool:
        """An operator alone says nothing: the row is empty."""
        return bool({"column", "values"} & set(self.changed_data))

    def clean_column(self) -> str:
        return _known(self.cleaned_data["column"], self.columns)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "values" in said and "operator" in said:
            values = next(csv.reader([said["values"]], skipinitialspace=True), [])
            single = said["operator"] in (Operator.FROM, Operator.BEFORE)
            if single and len(values) > 1:
                self.add_error("values", _("Write one value, for example 10"))
            elif len(values) > MOST_VALUES:
                self.add_error("values", _("At most %(most)d values are possible.") % {"most": MOST_VALUES})
            said["values"] = tuple(value.strip() for value in values)
        return said

    def condition(self) -> Condition:
        said = self.cleaned_data
        return Condition(said["column"], Operator(said["operator"]), said["values"])


class ColumnSettingForm(forms.Form):
    """How one column is compared; what is left empty is chosen automatically."""

    column = _column_field(gettext_lazy("Column"))
    kind = forms.ChoiceField(label=gettext_lazy("Compare as"), required=False, widget=_select())
    method = forms.ChoiceField(label=gettext_lazy("Method"), required=False, widget=_select())
    limit = forms.FloatField(
        label=gettext_lazy("Limit"),
        required=False,
        widget=forms.NumberInput(attrs={"class": "input", "step": "any", "min": "0"}),
        error_messages={"invalid": gettext_lazy("Write a number, for example 0.1")},
    )
    ignore = forms.BooleanField(label=gettext_lazy("Leave out"), required=False)

    def __init__(self, *args: Any, columns: Collection[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        kind: Any = self.fields["kind"]
        method: Any = self.fields["method"]
        kind.choices = [("", _("Automatic")), *((k.value, KINDS[k.value]) for k in ColumnKind)]
        method.choices = [("", _("Automatic")), *((test.key, _(test.label)) for test in TESTS.values())]

    def clean_column(self) -> str:
        return _known(self.cleaned_data["column"], self.columns)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "column" in said and not self.errors:
            try:
                check_spec(DriftSpec(columns={said["column"]: self.settings()}))
            except InputRejected as error:
                field = "limit" if error.code == "bad_limit" else "method"
                self.add_error(field, translate(error.message))
        return said

    def settings(self) -> ColumnSettings:
        said = self.cleaned_data
        return ColumnSettings(
            kind=ColumnKind(said["kind"]) if said["kind"] else None,
            method=said["method"],
            limit=said["limit"],
            ignore=said["ignore"],
        )


class OptionsForm(forms.Form):
    """What holds for the whole report."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=NAME_CHARACTERS,
        help_text=gettext_lazy("Without one the report is named by its number."),
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    time_column = _column_field(
        gettext_lazy("Time column"),
        required=False,
        help_text=gettext_lazy("Dates the change and cuts windows. Empty: as the file says."),
    )
    drift_share = forms.FloatField(
        label=gettext_lazy("The data have drifted from this share of columns on, %"),
        initial=f"{100 * DRIFT_SHARE:g}",
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "input", "step": "any"}),
        error_messages={"invalid": gettext_lazy("Write a number between 0 and 100, for example 50")},
    )
    confidence = forms.FloatField(
        label=gettext_lazy("Confidence, %"),
        initial=95,
        min_value=50,
        max_value=99.99,
        help_text=gettext_lazy("How sure a drift must be, all columns taken together."),
        widget=forms.NumberInput(attrs={"class": "input", "step": "any"}),
        error_messages={"invalid": gettext_lazy("Write a number between 50 and 99.99, for example 95")},
    )

    def spec(self, columns: Mapping[str, ColumnSettings]) -> DriftSpec:
        said = self.cleaned_data
        return DriftSpec(
            columns=columns,
            time_column=said["time_column"],
            drift_share=said["drift_share"] / 100,
            confidence=said["confidence"] / 100,
        )


def _known(name: str, columns: Collection[str] | None) -> str:
    if columns is not None and name not in columns:
        raise forms.ValidationError(
            _("There is no column “%(column)s”. Check its name."), params={"column": name}
        )
    return name


ConditionFormSet = forms.formset_factory(
    ConditionForm, extra=1, max_num=MOST_CONDITIONS, absolute_max=MOST_CONDITIONS + 1
)
ColumnFormSet = forms.formset_factory(
    ColumnSettingForm, extra=1, max_num=MOST_SETTINGS, absolute_max=MOST_SETTINGS + 1
)


def selection_of(conditions: Any, side: SideForm, time_column: str) -> Selection:
    """The conditions that were written and those of the window."""
    written = [form.condition() for form in conditions if form.cleaned_data.get("column")]
    return Selection((*written, *side.window(time_column)))


def source_key(source: Source | None) -> str:
    """How a choice names its source."""
    if source is None:
        return ""
    return f"version:{source.version.pk}" if source.version else f"file:{source.file.pk}"
