"""What people say about data sets and their versions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.datasets.models import DataFile, Dataset
from apps.projects.models import Project


class DatasetForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"class": "input"}))
    role = forms.ChoiceField(
        label=_("Used as"),
        choices=Dataset.Role.choices,
        initial=Dataset.Role.HOLDOUT,
        widget=forms.Select(attrs={"class": "input select"}),
    )


class VersionForm(forms.Form):
    file = forms.ModelChoiceField(
        DataFile.objects.none(),
        label=_("Truth file"),
        empty_label=_("Choose the file"),
        help_text=_(
            "The data set holds it from now on. What was judged on the version before becomes stale."
        ),
        widget=forms.Select(attrs={"class": "input select"}),
    )
    note = forms.CharField(
        label=_("What changed"),
        max_length=2_000,
        required=False,
        help_text=_("For example: “2,140 wrong labels removed”."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        files: Any = self.fields["file"]
        files.queryset = DataFile.objects.filter(project=project, purpose=DataFile.Purpose.TRUTH)
