"""What people want: the wish, its target, the quality scenario and the load."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.formats import quantity
from apps.common.translate import translate
from apps.compute.metrics.registry import Metric
from apps.datasets.models import DataFile, Dataset
from apps.evaluations.models import MetricValue
from apps.projects.models import Project
from apps.requirements.forms.limit import parse_limit, show_limit
from apps.requirements.forms.metrics import metric_choices
from apps.requirements.measures import metric_of
from apps.requirements.models import RequirementVersion, Stakeholder
from apps.requirements.services import SCENARIO_PARTS, RequirementFields, scenario_sentence
from apps.requirements.wording import metric_label, unit_of

CONFIDENCES = (0.8, 0.9, 0.95, 0.99, 0.999)
LATEST_RUNS = 5  # whose slice columns are offered
LATEST_FILES = 100


class RequirementForm(forms.Form):
    """A requirement as `RequirementFields`, shares in per cent."""

    statement = forms.CharField(
        label=gettext_lazy("Statement"),
        max_length=1_000,
        required=False,
        help_text=gettext_lazy(
            "A hope as a stakeholder would say it: “Honest customers are almost never stopped.” "
            "Left empty, the quality scenario writes it."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=RequirementVersion.Kind.choices)
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        choices=RequirementVersion.Priority.choices,
        initial=RequirementVersion.Priority.MUST,
        widget=forms.RadioSelect,
    )
    verification = forms.CharField(
        label=gettext_lazy("How it is verified"),
        max_length=2_000,
        help_text=gettext_lazy(
            "What is measured or judged, on which data: “Share of good payments blocked, 30-day hold-out.”"
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    metric = forms.ChoiceField(label=gettext_lazy("Metric"), choices=metric_choices, required=False)
    comparison = forms.ChoiceField(
        label=gettext_lazy("The value is to be"),
        choices=RequirementVersion.Comparison.choices,
        initial=RequirementVersion.Comparison.AT_LEAST,
        required=False,
        widget=forms.RadioSelect,
    )
    limit = forms.CharField(
        label=gettext_lazy("Limit"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("In the unit of the metric: 85 %, 0.74, 80 ms, 1.2 M."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    dataset = forms.ModelChoiceField(
        Dataset.objects.none(),
        label=gettext_lazy("Data set, its newest version"),
        required=False,
        empty_label=gettext_lazy("Any data"),
    )
    file = forms.ModelChoiceField(
        DataFile.objects.none(),
        label=gettext_lazy("Or exactly one truth file"),
        required=False,
        empty_label=gettext_lazy("Any file"),
    )
    slice_column = forms.CharField(
        label=gettext_lazy("Slice column"),
        max_length=600,
        required=False,
        help_text=gettext_lazy("Only where a group of rows counts, such as country."),
        widget=forms.TextInput(attrs={"list": "slice-columns", "autocomplete": "off"}),
    )
    slice_value = forms.CharField(
        label=gettext_lazy("Value of the slice column"), max_length=600, required=False
    )
    every_slice = forms.BooleanField(
        label=gettext_lazy("Every value of the slice column must meet the target"), required=False
    )
    confidence = forms.TypedChoiceField(label=gettext_lazy("Confidence"), coerce=float, initial=0.95)
    max_age_days = forms.IntegerField(
        label=gettext_lazy("Evidence may be so many days old"),
        required=False,
        min_value=1,
        max_value=3_650,
        help_text=gettext_lazy("Older evidence no longer counts. Empty: any age."),
    )

    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Who or what acts: “the payment page”"),
    )
    stimulus = forms.CharField(
        label=gettext_lazy("Stimulus"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("What it does: “asks for a score”"),
    )
    environment = forms.CharField(
        label=gettext_lazy("Environment"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Under which conditions: “1,200 requests per second”"),
    )
    response = forms.CharField(
        label=gettext_lazy("Response"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("What the system does: “answers”"),
    )
    measure = forms.CharField(
        label=gettext_lazy("Measure"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("How well: “within 80 ms in 99 of 100 cases”"),
    )

    batch_size = forms.IntegerField(
        label=gettext_lazy("Rows in one call"), required=False, min_value=1, max_value=1_000_000_000
    )
    concurrency = forms.IntegerField(
        label=gettext_lazy("Calls at the same time"), required=False, min_value=1, max_value=1_000_000_000
    )
    call_ms = forms.FloatField(
        label=gettext_lazy("Duration of one call, ms"), required=False, min_value=0.000001, max_value=1e12
    )

    TARGET = (
        "metric",
        "comparison",
        "limit",
        "dataset",
        "file",
        "slice_column",
        "slice_value",
        "every_slice",
    )
    EVIDENCE = ("confidence", "max_age_days")
    LOAD = ("batch_size", "concurrency", "call_ms")
    OWN = ("statement", "kind", "priority", "verification", *TARGET, *EVIDENCE, *LOAD)

    def __init__(
        self, *args: Any, project: Project, version: RequirementVersion | None = None, **kwargs: Any
    ):
        if version is not None:
            kwargs["initial"] = {**initial_of(version), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.project = project
        known = {*CONFIDENCES, *([version.confidence] if version else ())}
        confidence: Any = self.fields["confidence"]
        confidence.choices = [(value, f"{value * 100:g} %") for value in sorted(known)]
        self._choose_from("dataset", Dataset.objects.filter(project=project))
        truths = DataFile.objects.filter(project=project, purpose=DataFile.Purpose.TRUTH)
        kept = DataFile.objects.filter(pk=version.file_id) if version and version.file_id else truths.none()
        latest = list(truths.values_list("pk", flat=True)[:LATEST_FILES])
        self._choose_from("file", DataFile.objects.filter(project=project, pk__in=latest) | kept)

    def _choose_from(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows

    @cached_property
    def slice_columns(self) -> list[str]:
        """The slice columns of the project's newest runs, to choose from while typing."""
        runs = self.project.runs.exclude(result=None).order_by("-number").values("pk")[:LATEST_RUNS]
        known = MetricValue.objects.filter(run__in=runs).exclude(slice_column="").order_by("slice_column")
        return list(known.values_list("slice_column", flat=True).distinct()[:50])

    def part(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def scenario_fields(self) -> list[forms.BoundField]:
        return self.part(*SCENARIO_PARTS)

    def load_fields(self) -> list[forms.BoundField]:
        return self.part(*self.LOAD)

    def scenario(self) -> dict[str, str]:
        """The parts that were written."""
        data = getattr(self, "cleaned_data", None) or self.initial
        return {name: data[name] for name in SCENARIO_PARTS if data.get(name)}

    def sentence(self) -> str:
        """The sentence that the scenario writes, or ""."""
        return translate(scenario_sentence(self.scenario()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        scenario = self.scenario()
        for name in SCENARIO_PARTS if scenario else ():
            if name not in scenario and name not in self.errors:
                self.add_error(
                    name, _("The sentence needs all five parts. Fill this one in, or empty the others.")
                )
        if not cleaned.get("statement") and "statement" not in self.errors:
            cleaned["statement"] = self.sentence()
            if not cleaned["statement"]:
                self.add_error(
                    "statement", _("Write what is hoped for, or fill in the quality scenario below.")
                )
        if cleaned.get("metric"):
            self._clean_target(cleaned)
        elif not self.errors:
            self._refuse_half_a_target(cleaned)
        return cleaned

    def _clean_target(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("comparison"):
            self.add_error("comparison", _("Say whether the value must be at least or at most the limit."))
        text = cleaned.get("limit", "")
        if not text and "limit" not in self.errors:
            self.add_error("limit", _("Write the limit of the target, for example 85 %"))
        elif text:
            try:
                cleaned["limit"] = self._in_range(
                    cleaned["metric"], parse_limit(text, unit_of(cleaned["metric"]))
                )
            except forms.ValidationError as error:
                self.add_error("limit", error)
        if cleaned.get("dataset") and cleaned.get("file"):
            self.add_error("file", _("Choose a data set or a file, not both."))
        self._clean_slice(cleaned, metric_of(cleaned["metric"]))

    def _clean_slice(self, cleaned: dict[str, Any], metric: Metric | None) -> None:
        if metric is not None and metric.of_groups:
            if not cleaned.get("slice_column"):
                self.add_error(
                    "slice_column", _("Name the column that makes the groups, for example country.")
                )
            if cleaned.get("every_slice"):
                self.add_error("every_slice", _("This metric looks at all groups already: leave this out."))
            return
        if cleaned.get("every_slice") and cleaned.get("slice_value"):
            self.add_error("slice_value", _("Leave the value empty where every value of the column counts."))
        if not cleaned.get("slice_column") and (cleaned.get("slice_value") or cleaned.get("every_slice")):
            self.add_error(
                "slice_column", _("Name the column that the slice is made by, for example country.")
            )
        if cleaned.get("slice_column") and not (cleaned.get("slice_value") or cleaned.get("every_slice")):
            self.add_error("slice_value", _("Write one value of the column, or tick “every value”."))

    def _in_range(self, key: str, limit: float) -> float:
        metric = metric_of(key)
        low, high = (metric.low, metric.high) if metric else (None, None)
        if (low is not None and limit < low) or (high is not None and limit > high):
            unit = unit_of(key)
            words = {"metric": metric_label(key), "low": quantity(low, unit), "high": quantity(high, unit)}
            if low is None:
                raise forms.ValidationError(
                    _("%(metric)s is never above %(high)s.") % words, code="wrong_unit"
                )
            if high is None:
                raise forms.ValidationError(
                    _("%(metric)s is never below %(low)s.") % words, code="wrong_unit"
                )
            raise forms.ValidationError(
                _("%(metric)s lies between %(low)s and %(high)s.") % words, code="wrong_unit"
            )
        return limit

    def _refuse_half_a_target(self, cleaned: dict[str, Any]) -> None:
        """Without a metric nothing of a target can count; what was typed is never dropped in silence."""
        for name in ("limit", "dataset", "file", "slice_column", "slice_value", "every_slice"):
            if cleaned.get(name):
                self.add_error("metric", _("Choose the metric of this target, or empty its other fields."))
                return

    def requirement_fields(self) -> RequirementFields:
        """Of a valid form."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in self.OWN}
        if not cleaned["metric"]:
            values |= {"comparison": "", "limit": None}
        return RequirementFields(scenario=self.scenario(), **values)


def initial_of(version: RequirementVersion) -> dict[str, Any]:
    values = {name: getattr(version, name) for name in RequirementForm.OWN}
    return {**values, **version.scenario, "limit": show_limit(version.limit, unit_of(version.metric))}


class NewRequirementForm(RequirementForm):
    asked_by = forms.ModelMultipleChoiceField(
        Stakeholder.objects.none(),
        label=gettext_lazy("Who asks for it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    asked_on = forms.DateField(
        label=gettext_lazy("Asked on"),
        required=False,
        help_text=gettext_lazy("Empty: today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose_from("asked_by", Stakeholder.objects.filter(project=self.project))

    def clean_asked_on(self) -> Any:
        day = self.cleaned_data["asked_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Write today or an earlier day."))
        return day


class ChangeRequirementForm(RequirementForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        max_length=1_000,
        help_text=gettext_lazy("Stands in the history beside your name."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1_000,
        help_text=gettext_lazy("Stands in the history beside your name."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
