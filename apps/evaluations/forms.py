"""What people write about runs, and how they look for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile
from apps.evaluations.models import MOST_LOOKS, Baseline, EvaluationPolicy, Model, Run, task_choices
from apps.evaluations.provenance import (
    MOST_PARAMETERS,
    NAME_CHARACTERS,
    VALUE_CHARACTERS,
    Parameter,
    parameters_of_lines,
)
from apps.jobs.models import State
from apps.projects.models import Project


class RunFilterForm(forms.Form):
    """The toolbar over the list of runs. Wrong values are left out, so that an old link still opens."""

    q = forms.CharField(max_length=200, required=False, label=_("Search runs"))
    task = forms.ChoiceField(
        required=False, label=_("Task"), choices=lambda: [("", _("All tasks")), *task_choices()]
    )
    state = forms.ChoiceField(
        required=False, label=_("State"), choices=[("", _("All states")), *State.choices]
    )
    model = forms.ModelChoiceField(
        Model.objects.none(), required=False, label=_("Model"), empty_label=_("All models")
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models: Any = self.fields["model"]
        models.queryset = Model.objects.filter(project=project)
        for name in ("task", "state", "model"):
            self.fields[name].widget.attrs["class"] = "input select"
        self.fields["q"].widget = forms.TextInput(
            attrs={
                "type": "search",
                "class": "input",
                "data-filter": "",
                "autocomplete": "off",
                "placeholder": _("Name, model or number"),
            }
        )

    def chosen(self) -> dict[str, Any]:
        """The filters that hold."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def words(self) -> str:
        """The filters as a reader would say them: “gradient”, Failed."""
        said = []
        for name, value in self.chosen().items():
            field: Any = self.fields[name]
            said.append(str(dict(field.choices)[value]) if name in ("task", "state") else f"“{value}”")
        return ", ".join(said)


class EditRunForm(forms.ModelForm[Run]):
    class Meta:
        model = Run
        fields = ["name", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 6})}


class ParentField(forms.ModelChoiceField[Run]):
    def label_from_instance(self, obj: Run) -> str:
        return f"{obj} · {obj.name}"


class RunForm(forms.Form):
    """The card “About this run”. What is left out is found in the file."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    model = forms.CharField(
        label=_("Model"),
        max_length=120,
        required=False,
        help_text=_("What predicted, such as “gradient boosting”. Runs of one model are listed together."),
    )
    model_version = forms.CharField(label=_("Version of the model"), max_length=120, required=False)
    baseline = forms.BooleanField(label=_("This is a baseline without machine learning"), required=False)
    code_revision = forms.CharField(label=_("Code revision"), max_length=100, required=False)
    truth = forms.ModelChoiceField(
        DataFile.objects.none(),
        label=_("Truth"),
        required=False,
        empty_label=_("In this file"),
        help_text=_("A truth file is joined by the row id."),
    )
    task = forms.ChoiceField(
        label=_("Task"), required=False, choices=lambda: [("", _("Find it in the file")), *task_choices()]
    )
    positive = forms.CharField(
        label=_("Positive class"),
        max_length=200,
        required=False,
        help_text=_("Two classes only, such as “fraud”."),
    )
    threshold = forms.FloatField(
        label=_("Threshold"),
        required=False,
        min_value=0,
        max_value=1,
        help_text=_("From this probability on a row counts as positive."),
        error_messages={"invalid": _("Write a number between 0 and 1, for example 0.5")},
    )
    cross_slices = forms.CharField(
        label=_("Crossed slices"),
        max_length=2_000,
        required=False,
        help_text=_("Two or three slice columns with × or * between them, one crossing per line."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    evaluated_at = forms.DateTimeField(
        label=_("Evaluated"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("When the predictions were made, if it was not today."),
        error_messages={"invalid": _("Write a date and time, for example 2026-03-01 14:30")},
    )
    parent = ParentField(
        Run.objects.none(),
        label=_("Made from"),
        required=False,
        empty_label=_("No other run"),
        help_text=_("The run that this one came from by changing the data or the model."),
    )
    parameters = forms.CharField(
        label=_("Parameters"),
        max_length=MOST_PARAMETERS * (NAME_CHARACTERS + VALUE_CHARACTERS),
        required=False,
        help_text=_("One per line, such as: learning_rate = 0.1"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )
    training = forms.ModelChoiceField(
        DataFile.objects.none(),
        label=_("Training data"),
        required=False,
        empty_label=_("Not in the portal"),
        help_text=_("The portal then looks for rows of the hold-out in it."),
    )
    training_hash = forms.CharField(
        label=_("SHA-256 of the training data"),
        max_length=100,
        required=False,
        help_text=_("If the data are kept elsewhere: 64 hexadecimal digits."),
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    #: Shown when the form opens; the others wait under “More”.
    FIRST = ("name", "model", "model_version", "baseline", "truth", "notes")

    def __init__(
        self,
        *args: Any,
        truths: QuerySet[DataFile],
        trainings: QuerySet[DataFile],
        parents: QuerySet[Run],
        columns: set[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("truth", truths), ("training", trainings), ("parent", parents)):
            field: Any = self.fields[name]
            field.queryset = rows
        self.columns = columns

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.FIRST]

    def more_is_open(self) -> bool:
        return any(field.errors or field.value() not in (None, "") for field in self.more_fields())

    def clean_parameters(self) -> dict[str, Parameter]:
        try:
            return parameters_of_lines(self.cleaned_data["parameters"])
        except InputRejected as error:
            raise forms.ValidationError(translate(error.message)) from error

    def clean_cross_slices(self) -> list[list[str]]:
        truth = self.cleaned_data.get("truth")
        known = self.columns | set(truth.roles if truth else ())
        crossings = []
        for line in self.cleaned_data["cross_slices"].splitlines():
            if not line.strip():
                continue
            names = [name.strip() for name in line.replace("×", "*").split("*")]
            if len(names) < 2:
                raise forms.ValidationError(
                    _("“%(line)s” names one column. Write at least two, for example: country × channel"),
                    params={"line": line.strip()},
                )
            for name in names:
                if name not in known:
                    raise forms.ValidationError(
                        _("There is no column “%(column)s” in the file or in the chosen truth file."),
                        params={"column": name},
                    )
            crossings.append(names)
        return crossings


class CompareForm(forms.Form):
    """Which runs to compare, and against which of them; without one, against the oldest."""

    runs = forms.ModelMultipleChoiceField(
        Run.objects.none(), error_messages={"required": _("Choose at least two runs.")}
    )
    against = forms.ModelChoiceField(Run.objects.none(), required=False)

    def __init__(self, *args: Any, runs: QuerySet[Run], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("runs", "against"):
            field: Any = self.fields[name]
            field.queryset = runs

    def in_order(self) -> list[Run]:
        """The chosen runs, the one that is compared against first, then by number."""
        against = self.cleaned_data["against"]
        return sorted(self.cleaned_data["runs"], key=lambda run: (run != against, run.number))


class BaselineForm(forms.Form):
    model = forms.ModelChoiceField(
        Model.objects.none(),
        label=_("Model"),
        empty_label=_("Choose the baseline"),
        help_text=_("Its runs are the ones that every model is compared with."),
        widget=forms.Select(attrs={"class": "input select"}),
    )
    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=Baseline.Kind.choices,
        widget=forms.Select(attrs={"class": "input select"}),
    )
    description = forms.CharField(
        label=_("What it does"),
        max_length=1_000,
        required=False,
        help_text=_("For example: “Counts words of a list of 40 good and 40 bad ones”."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models: Any = self.fields["model"]
        models.queryset = Model.objects.filter(project=project)


class PolicyForm(forms.ModelForm[EvaluationPolicy]):
    most_looks = forms.IntegerField(
        label=_("Looks at a hold-out before a warning"),
        min_value=1,
        max_value=MOST_LOOKS,
        help_text=_(
            "Each different set of predictions that is judged on a hold-out is a look. The portal widens the "
            "intervals for the looks from the second on."
        ),
    )

    class Meta:
        model = EvaluationPolicy
        fields = ["leak", "most_looks"]
        widgets = {"leak": forms.RadioSelect}
        help_texts = {
            "leak": _(
                "Looked for when a run names its training data. Equal rows that chance explains do no harm."
            )
        }
