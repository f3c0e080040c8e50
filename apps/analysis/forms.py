"""What people say when they put a question to the rows of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.analysis.columns import GROUPING, Column, columns_of
from apps.analysis.kinds.errors import SEPARATOR
from apps.analysis.kinds.fairness import MOST_GROUPS
from apps.analysis.kinds.faults import SUSPECTS, metrics_of
from apps.analysis.kinds.slices import usual_columns
from apps.analysis.models import SavedSlice
from apps.analysis.relabelling import MOST_DAYS
from apps.analysis.saved_slices import MOST_CHARACTERS
from apps.analysis.suspects import MOST_LISTED
from apps.analysis.words import OPS
from apps.compute.conditions import Op
from apps.compute.metrics.registry import METRICS
from apps.compute.roles import Role
from apps.datasets.forms import LinesField
from apps.evaluations.models import Run

#: The list of column names that a browser offers while one is typed.
COLUMN_LIST = "columns-of-slices"
#: With more columns than this, names are written instead of chosen.
MOST_CHOICES = 200


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "input select"})


class AskForm(forms.Form):
    """A question without parameters, or the base of one with them."""

    def __init__(self, *args: Any, run: Run, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run

    def _choose_from(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = list(choices)


class SlicesForm(AskForm):
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns to look at"),
        help_text=gettext_lazy("Every value of them and every pair of them is looked at."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check"}),
        error_messages={"required": gettext_lazy("Choose at least one column.")},
    )
    least = forms.IntegerField(
        label=gettext_lazy("Fewest rows of a slice"),
        required=False,
        min_value=2,
        max_value=2**31 - 1,
        help_text=gettext_lazy("Empty: 30, or half a per cent of the rows if that is more."),
        widget=forms.NumberInput(attrs={"class": "input fit"}),
    )
    standing = forms.BooleanField(label=gettext_lazy("Ask every new run too"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = columns_of(self.run)
        names = grouping_names(columns)
        if len(names) > MOST_CHOICES:
            field = self.fields["columns"]
            written = f"{field.help_text} {_('Names of columns, one a line.')}"
            self.fields["columns"] = LinesField(
                label=field.label, help_text=written, error_messages=field.error_messages
            )
        else:
            self._choose_from("columns", [(name, name) for name in names])
        self.fields["columns"].initial = usual_columns(columns)


def grouping_names(columns: Mapping[str, Column]) -> list[str]:
    """Columns by which rows may be grouped, slice columns first."""
    names = [column.name for column in columns.values() if column.role in GROUPING]
    return sorted(names, key=lambda name: columns[name].role is not Role.SLICE)


class ErrorsForm(AskForm):
    """All rows, a slice of the report, a saved slice, or one that a search found (``search``, ``found``)."""

    column = forms.ChoiceField(label=gettext_lazy("Slice column"), required=False, widget=_select())
    value = forms.CharField(
        label=gettext_lazy("Value"),
        required=False,
        strip=False,
        help_text=gettext_lazy("As the report of the run names it."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    saved_slice = forms.TypedChoiceField(
        label=gettext_lazy("Or a saved slice"), required=False, coerce=int, empty_value=None, widget=_select()
    )
    search = forms.IntegerField(required=False, widget=forms.HiddenInput)
    found = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slices = (self.run.result or {}).get("slices", ())
        columns = dict.fromkeys(SEPARATOR.join(found["columns"]) for found in slices)
        self._choose_from("column", [("", _("All rows")), *((name, name) for name in columns)])
        saved = SavedSlice.objects.filter(project=self.run.project_id).values_list("pk", "name")
        self._choose_from("saved_slice", [("", "—"), *((str(pk), name) for pk, name in saved)])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("column")) != bool(said.get("value")) and "column" not in self.errors:
            missing = "value" if said.get("column") else "column"
            self.add_error(missing, _("A slice of the report needs both its column and its value."))
        return said


class FairnessForm(AskForm):
    column = forms.ChoiceField(
        label=gettext_lazy("Column that makes the groups"),
        help_text=gettext_lazy("Such as sex, age band or country. Numbers are cut into ten bands."),
        widget=_select(),
    )
    standing = forms.BooleanField(label=gettext_lazy("Ask every new run too"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = columns_of(self.run)
        fitting = [n for n in grouping_names(columns) if makes_groups(columns[n])]
        if len(fitting) > MOST_CHOICES:
            field = self.fields["column"]
            widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off"})
            self.fields["column"] = forms.CharField(
                label=field.label, help_text=field.help_text, strip=False, widget=widget
            )
        else:
            self._choose_from("column", [(name, name) for name in fitting])


def makes_groups(column: Column) -> bool:
    groups = column.distinct + (column.missing > 0)
    return groups > 1 and (groups <= MOST_GROUPS or column.is_number)


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the slice"),
        max_length=MOST_CHARACTERS,
        help_text=gettext_lazy("Requirements name the slice by it."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


class ConditionForm(forms.Form):
    """One condition of a slice. A form without a column is left aside."""

    column = forms.CharField(
        label=gettext_lazy("Column"),
        required=False,
        strip=False,
        max_length=1_000,
        widget=forms.TextInput(attrs={"class": "input", "list": COLUMN_LIST, "autocomplete": "off"}),
    )
    op = forms.ChoiceField(
        label=gettext_lazy("Condition"), required=False, choices=list(OPS.items()), widget=_select()
    )
    values = forms.CharField(
        label=gettext_lazy("Values"),
        required=False,
        strip=False,
        help_text=gettext_lazy("One a line; a row fits with any of them."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("values") and not said.get("column") and "column" not in self.errors:
            self.add_error("column", _("Name the column of this condition."))
        return said

    def condition(self) -> dict[str, Any] | None:
        """Of a valid form."""
        said = self.cleaned_data
        if not said.get("column"):
            return None
        values = [line for line in said["values"].splitlines() if line]
        return {"column": said["column"], "op": said["op"] or Op.IS.value, "values": values}


ConditionForms = forms.formset_factory(ConditionForm, extra=3, max_num=10, absolute_max=10)


class RowsFilterForm(forms.Form):
    """Which of the worst rows are shown. Wrong choices are left out, so that an old link still opens."""

    SHOW = {
        "": gettext_lazy("All rows"),
        "mistakes": gettext_lazy("Mistakes"),
        "confident": gettext_lazy("Confident mistakes (probability of 0.9 or more)"),
    }
    show = forms.ChoiceField(required=False, label=gettext_lazy("Rows"), widget=_select())
    column = forms.ChoiceField(required=False, label=gettext_lazy("Slice column"), widget=_select())
    value = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("Value"),
        widget=forms.TextInput(
            attrs={"class": "input fit", "autocomplete": "off", "placeholder": gettext_lazy("Value")}
        ),
    )

    def __init__(self, *args: Any, columns: Iterable[str], shows: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        show: Any = self.fields["show"]
        show.choices = [(key, self.SHOW[key]) for key in shows]
        column: Any = self.fields["column"]
        column.choices = [("", _("All slices")), *((name, name) for name in columns)]

    def chosen(self) -> dict[str, str]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class FaultsForm(AskForm):
    metric = forms.ChoiceField(
        label=gettext_lazy("Metric"),
        required=False,
        help_text=gettext_lazy("The rows that change it most when they are left out are listed too."),
        widget=_select(),
    )
    standing = forms.BooleanField(label=gettext_lazy("Ask every new run too"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(key, _(METRICS[key].label)) for key in metrics_of(self.run)]
        self._choose_from("metric", [("", _("The loss of this kind of problem")), *known])


class SuspectsFilterForm(forms.Form):
    """Which suspects are shown or listed. Wrong choices are left out, so that an old link still opens."""

    kind = forms.ChoiceField(required=False, choices=[("", ""), *SUSPECTS.items()])
    count = forms.IntegerField(required=False, min_value=1, max_value=MOST_LISTED)

    def chosen(self) -> dict[str, Any]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RelabelForm(forms.Form):
    days = forms.FloatField(
        label=gettext_lazy("Days that people worked on it"),
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("May stay empty. The gain ledger sets the gain against them."),
        widget=forms.NumberInput(attrs={"class": "input fit", "step": "any"}),
    )
