"""What people say about data sets and their versions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.datasets.services import NOTE_CHARACTERS, DatasetAbout
from apps.projects.models import Project

MOST_OFFERED = 200  # files and versions to choose from, the newest


class DatasetForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"class": "input"})
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Used as"),
        choices=Dataset.Role.choices,
        initial=Dataset.Role.HOLDOUT,
        widget=forms.Select(attrs={"class": "input select"}),
    )


class LinesField(forms.CharField):
    """One entry a line; spaces around it and empty lines do not count."""

    widget = forms.Textarea(attrs={"class": "input mono", "rows": 2})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        ProhibitNullCharactersValidator()(value)
        return [line.strip() for line in value.splitlines() if line.strip()]


class SpecialValuesField(LinesField):
    """``column = value, value`` on each line; a text that would read as a number stands in quotes."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        lines = (f"{column} = {', '.join(map(_written, values))}" for column, values in value.items())
        return super().prepare_value(lines)

    def to_python(self, value: Any) -> Any:
        said: dict[str, Sequence[Any]] = {}
        for line in super().to_python(value):
            column, equals, values = line.rpartition("=")
            if not equals or not column.strip():
                raise forms.ValidationError(
                    _("“%(line)s” names no column and values. Write it as: income = -200, 999"),
                    params={"line": line},
                )
            said[column.strip()] = [_read(part.strip()) for part in values.split(",") if part.strip()]
        return said


def _written(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) and _read(value) != value else str(value)


def _read(text: str) -> str | int | float:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    for kind in (int, float):
        try:
            value: int | float = kind(text)
        except ValueError:
            continue
        if math.isfinite(value):
            return value
    return text


class AboutForm(forms.ModelForm[Dataset]):
    """What is said about a data set."""

    special_values = SpecialValuesField(
        label=gettext_lazy("Special values"),
        required=False,
        help_text=gettext_lazy(
            "Values that mean “missing”, one column a line: “income = -200, 999”. "
            "The name * is for all columns."
        ),
    )
    key_columns = LinesField(
        label=gettext_lazy("Key columns"),
        required=False,
        help_text=gettext_lazy("Tell rows apart, so that versions can be compared row by row. One a line."),
    )

    class Meta:
        model = Dataset
        fields = [
            *("name", "description", "owner", "source", "rights", "labelling"),
            *("special_values", "key_columns", "time_column"),
        ]
        widgets = {
            "time_column": forms.TextInput(attrs={"class": "input mono"}),
            **{
                name: forms.Textarea(attrs={"class": "input", "rows": 2})
                for name in ("description", "source", "rights", "labelling")
            },
        }
        labels = {"owner": gettext_lazy("Owner")}
        help_texts = {
            "description": gettext_lazy("One row is what, from when, of whom?"),
            "source": gettext_lazy("Where it comes from: a table, a query, a supplier."),
            "rights": gettext_lazy("What it may be used for, by whom, and until when it is kept."),
            "labelling": gettext_lazy("Who found the true values, how, and how often two people agree."),
            "time_column": gettext_lazy("Says when a row happened."),
        }

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.required = False
        owner.queryset = User.objects.filter(memberships__project=project, is_active=True)
        owner.empty_label = _("nobody")
        for field in self.fields.values():
            kind = "input select" if isinstance(field, forms.ModelChoiceField) else "input"
            field.widget.attrs.setdefault("class", kind)

    def about(self) -> DatasetAbout:
        said = self.cleaned_data
        return DatasetAbout(**{name: value for name, value in said.items() if name != "name"})


class VersionForm(forms.Form):
    """What stands beside the file of a new version, or the file of the project that takes its place."""

    existing = forms.ModelChoiceField(
        DataFile.objects.none(),
        label=gettext_lazy("Or a file of the project"),
        required=False,
        empty_label=gettext_lazy("the file above"),
        widget=forms.Select(attrs={"class": "input select"}),
    )
    parent = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        label=gettext_lazy("Made from"),
        required=False,
        empty_label=gettext_lazy("the version in force"),
        widget=forms.Select(attrs={"class": "input select"}),
    )
    note = forms.CharField(
        label=gettext_lazy("What changed"),
        max_length=NOTE_CHARACTERS,
        required=False,
        help_text=gettext_lazy("For example: “2,140 wrong labels removed”."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes = [DataFile.Purpose.TRUTH]
        if dataset.role != Dataset.Role.HOLDOUT:
            purposes.append(DataFile.Purpose.DATA)
        files = DataFile.objects.filter(project=dataset.project_id, purpose__in=purposes)
        existing: Any = self.fields["existing"]
        offered = DataFile.objects.filter(pk__in=files.values("pk")[:MOST_OFFERED])
        existing.queryset = offered.defer("profile", "roles")
        parent: Any = self.fields["parent"]
        versions = DatasetVersion.objects.filter(pk__in=dataset.versions.values("pk")[:MOST_OFFERED])
        parent.queryset = versions.select_related("dataset")


class DifferenceForm(forms.Form):
    """Which versions are compared, ``from`` and ``to``, and by which columns."""

    key = LinesField(
        label=gettext_lazy("Key columns"),
        required=False,
        help_text=gettext_lazy("Rows are matched by them, one a line. Without any, whole rows are counted."),
    )

    def __init__(self, *args: Any, newest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("to", _("To version")), ("from", _("From version"))):
            widget = forms.NumberInput(attrs={"class": "input"})
            number = forms.IntegerField(label=label, min_value=1, max_value=newest, widget=widget)
            self.fields = {name: number, **self.fields}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "from" in said and said["from"] == said.get("to"):
            raise forms.ValidationError(_("Choose two different versions."))
        return said
