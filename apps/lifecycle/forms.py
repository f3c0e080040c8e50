"""What people type about the life of a project.

``FIELDS_BY_CODE`` of a form tells at which field a service's rejection is shown; all others stand on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.lifecycle.models import Criterion, Decision, FitAnswer, Hypothesis
from apps.projects.models import Project

#: So many of the newest runs and files are offered; an older one that is set already stays.
OFFERED = 100
#: Fields that have the same name in every form.
EVERYWHERE = {
    "bad_link": "link",
    "link_too_long": "link",
    "run_of_other_project": "run",
    "file_of_other_project": "file",
    "reason_missing": "reason",
}


def named(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The words of a state, as they stand on a button."""
    return [(key, capfirst(label)) for key, label in choices]


def text_area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def day_field(label: Any, **options: Any) -> forms.DateField:
    wrong = {"invalid": _("Write a day of the calendar, for example 2026-03-01")}
    return forms.DateField(label=label, widget=day_input(), error_messages=wrong, **options)


def link_field() -> forms.URLField:
    return forms.URLField(
        label=_("Link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Write a whole address, for example https://example.org/report")},
    )


class OfferedChoice(forms.ModelChoiceField[Any]):
    """A row of the project: the newest are offered, and every one of the project is taken."""

    def offer(self, rows: QuerySet[Any], chosen: Any = None) -> None:
        self.queryset = rows
        offered = list(rows[:OFFERED])
        if chosen is not None and chosen not in offered:
            offered.append(chosen)
        empty = [("", self.empty_label)] if self.empty_label else []
        self.choices = [
            *empty,
            *((self.prepare_value(row), self.label_from_instance(row)) for row in offered),
        ]


class RunChoice(OfferedChoice):
    def __init__(self) -> None:
        super().__init__(Run.objects.none(), label=_("Run"), required=False, empty_label=_("No run"))

    def offer_of(self, project: Project, chosen: Run | None = None) -> None:
        runs = Run.objects.filter(project=project).only("pk", "number", "name", "project_id")
        self.offer(runs.order_by("-number"), chosen)

    def label_from_instance(self, run: Run) -> str:
        return f"{run.number}. {run.name}" if run.name else str(run.number)


class FileChoice(OfferedChoice):
    def __init__(self) -> None:
        super().__init__(DataFile.objects.none(), label=_("File"), required=False, empty_label=_("No file"))

    def offer_of(self, project: Project, chosen: DataFile | None = None) -> None:
        files = DataFile.objects.uploaded().filter(project=project).only("pk", "name", "project_id")
        self.offer(files.order_by("-uploaded_at"), chosen)


class ServiceForm(forms.Form):
    """A form whose values go to one service."""

    FIELDS_BY_CODE: ClassVar[Mapping[str, str]] = {}

    def reject(self, error: InputRejected) -> None:
        """Show what the service said, at the field that it is about."""
        field = {**EVERYWHERE, **self.FIELDS_BY_CODE}.get(error.code, "")
        self.add_error(field if field in self.fields else None, translate(error.message))


class TimeboxForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {
        "timebox_ends_before_start": "ends_on",
        "timebox_too_long": "ends_on",
        "day_too_far": "started_on",
    }

    started_on = day_field(_("Starts"), initial=timezone.localdate)
    ends_on = day_field(
        _("Ends"), help_text=_("The timebox is fixed. It can be extended once, with a reason.")
    )


class StartDiscoveryForm(TimeboxForm):
    goal = forms.CharField(
        label=_("What shall be known at its end?"),
        max_length=2_000,
        required=False,
        widget=text_area(),
        help_text=_("The question that decides whether the work goes on."),
    )


class HypothesisForm(ServiceForm):
    text = forms.CharField(
        label=_("Question or hypothesis"),
        max_length=1_000,
        widget=text_area(2),
        help_text=_("Such as: the word list misses fewer than half of the complaints."),
    )


class SettleForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {
        "text_missing": "finding",
        "day_in_future": "settled_on",
        "day_too_early": "settled_on",
    }

    state = forms.ChoiceField(
        label=_("What came out"),
        choices=named(choice for choice in Hypothesis.State.choices if choice[0] != Hypothesis.State.OPEN),
        initial=Hypothesis.State.CONFIRMED,
        widget=forms.RadioSelect,
    )
    finding = forms.CharField(
        label=_("What was found"),
        max_length=2_000,
        widget=text_area(4),
        help_text=_("What a reader needs to believe it, with numbers. For a dropped one: why."),
    )
    run = RunChoice()
    link = link_field()
    settled_on = day_field(_("Settled"), initial=timezone.localdate)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        run: Any = self.fields["run"]
        run.offer_of(project)


class DeliverableForm(ServiceForm):
    """A piece of the scope. Its reason is asked for once the scope is agreed."""

    FIELDS_BY_CODE: ClassVar = {"text_missing": "reason", "bad_size": "size"}

    name = forms.CharField(label=_("Deliverable"), max_length=200)
    size = forms.IntegerField(
        label=_("Size"),
        min_value=1,
        max_value=10_000,
        initial=1,
        help_text=_("Items of work; the burn-up counts them."),
    )
    reason = forms.CharField(
        label=_("Why does the scope grow?"), max_length=1_000, widget=text_area(2), required=True
    )

    def __init__(self, *args: Any, agreed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not agreed:
            del self.fields["reason"]


class ResizeForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {"text_missing": "reason", "same_size": "size", "bad_size": "size"}

    size = forms.IntegerField(label=_("New size"), min_value=1, max_value=10_000)
    reason = forms.CharField(label=_("Why?"), max_length=1_000, widget=text_area())

    def __init__(self, *args: Any, agreed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = agreed


class ReasonForm(ServiceForm):
    """Something that people do with nothing but a reason."""

    FIELDS_BY_CODE: ClassVar = {"text_missing": "reason"}

    reason = forms.CharField(label=_("Why?"), max_length=1_000, widget=text_area())

    def __init__(self, *args: Any, needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needed


class FinishForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {"day_in_future": "done_on", "day_too_early": "done_on"}

    done_on = day_field(_("Done"), required=False, initial=timezone.localdate)


class AgreeScopeForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {"promise_before_start": "promised_on", "day_too_far": "promised_on"}

    promised_on = day_field(
        _("Promised for"), help_text=_("The burn-up compares its forecast with this day.")
    )


class FitForm(ServiceForm):
    """The answer to one question of the fit assessment."""

    FIELDS_BY_CODE: ClassVar = {"no_evidence": "note", "owner_not_member": "owner"}

    state = forms.ChoiceField(
        label=_("Answer"), choices=named(FitAnswer.State.choices), widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("What it rests on"), max_length=2_000, required=False, widget=text_area(4))
    run = RunChoice()
    file = FileChoice()
    link = link_field()
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Owner"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("Who finds out, or answers for it."),
    )

    def __init__(self, *args: Any, project: Project, answer: FitAnswer | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        run: Any = self.fields["run"]
        run.offer_of(project, answer.run if answer else None)
        file: Any = self.fields["file"]
        file.offer_of(project, answer.file if answer else None)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(memberships__project=project).order_by("name", "pk")


class CriterionForm(ServiceForm):
    text = forms.CharField(
        label=_("Criterion"),
        max_length=300,
        help_text=_("Something that is met or not, such as: the data protection officer agreed in writing."),
    )


class JudgeForm(ServiceForm):
    FIELDS_BY_CODE: ClassVar = {"text_missing": "evidence"}

    state = forms.ChoiceField(
        label=_("Is it met?"), choices=named(Criterion.State.choices), widget=forms.RadioSelect
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2_000,
        required=False,
        widget=text_area(),
        help_text=_("What shows it. Unknown needs none."),
    )
    link = link_field()


class DecisionForm(ServiceForm):
    """The decision at a gate. ``phase`` is the one that the reader saw: two people may decide at once."""

    FIELDS_BY_CODE: ClassVar = {
        "extended_already": "outcome",
        "impossible_outcome": "outcome",
        "bad_extension": "extend_to",
        "timebox_ends_before_start": "extend_to",
        "timebox_too_long": "extend_to",
        "promise_before_start": "promised_on",
        "day_too_far": "promised_on",
    }

    phase = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What is decided"), choices=Decision.Outcome.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2_000,
        required=False,
        widget=text_area(4),
        help_text=_("Needed for everything but a go that the evidence advises."),
    )
    promised_on = day_field(_("Delivery promised for"), required=False)
    extend_to = day_field(
        _("New end of the timebox"),
        required=False,
        help_text=_("Of this discovery, or of the next cycle after a change of course."),
    )

    def __init__(self, *args: Any, outcomes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome: Any = self.fields["outcome"]
        outcome.choices = [(key, label) for key, label in Decision.Outcome.choices if key in outcomes]


class SecondPersonForm(ServiceForm):
    note = forms.CharField(label=_("Note"), max_length=1_000, required=False, widget=text_area())
