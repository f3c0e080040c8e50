"""The life of a project: phases, questions of a discovery, the scope of a delivery, gates and decisions."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.history.models import audited
from apps.projects.models import Project
from apps.requirements.models.rows import ProjectRows

PERSON = settings.AUTH_USER_MODEL


class Phase(models.Model):
    """One stretch of a project's life. A discovery of a later cycle may run beside delivery or production."""

    class Kind(models.TextChoices):
        DISCOVERY = "discovery", _("Discovery")
        DELIVERY = "delivery", _("Delivery")
        PRODUCTION = "production", _("In production")
        RETIRED = "retired", _("Retired")

    project = models.ForeignKey(Project, models.CASCADE, related_name="phases")
    kind = models.CharField(_("phase"), max_length=10, choices=Kind)
    cycle = models.PositiveIntegerField(_("cycle"), default=1)
    goal = models.TextField(_("what this phase is for"), max_length=2_000, blank=True)
    started_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("timebox ends"), null=True)  # of a discovery: fixed time
    promised_on = models.DateField(_("promised for"), null=True)  # of a delivery
    baseline_at = models.DateTimeField(null=True)  # the scope was agreed; later changes are recorded
    closed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Phase]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind"],
                condition=models.Q(closed_at=None),
                name="one_open_phase",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gt=models.F("started_on")),
                name="timebox_ends_after_its_start",
            ),
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Hypothesis(models.Model):
    """A question or a hypothesis of a discovery. Settled when it is answered or dropped."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CONFIRMED = "confirmed", _("confirmed")
        REFUTED = "refuted", _("refuted")
        DROPPED = "dropped", _("dropped")

    project = models.ForeignKey(Project, models.CASCADE, related_name="hypotheses")
    phase = models.ForeignKey(Phase, models.CASCADE, related_name="hypotheses")
    number = models.PositiveIntegerField()  # H-3, never reused in the project
    text = models.TextField(_("question or hypothesis"), max_length=1_000)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    finding = models.TextField(_("what was found"), max_length=2_000, blank=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    link = models.URLField(_("link"), max_length=500, blank=True)
    added_on = models.DateField(_("added"))
    settled_on = models.DateField(_("settled"), null=True)
    settled_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Hypothesis]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name_plural = _("hypotheses")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="hypothesis_number_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", settled_on=None)
                | (~models.Q(state="open") & models.Q(settled_on__isnull=False)),
                name="settled_has_a_day",
            ),
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"H-{self.number}"


class Deliverable(models.Model):
    """A piece of the agreed scope of a delivery."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="deliverables")
    phase = models.ForeignKey(Phase, models.CASCADE, related_name="deliverables")
    number = models.PositiveIntegerField()  # D-3, never reused in the project
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("size"), default=1)  # items of work
    in_baseline = models.BooleanField(_("agreed at the start"), default=True)
    added_on = models.DateField(_("added"))
    done_on = models.DateField(_("done"), null=True)
    removed_on = models.DateField(_("taken out"), null=True)

    objects: ClassVar[models.Manager[Deliverable]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="deliverable_number_once"),
            models.CheckConstraint(condition=models.Q(size__gte=1), name="deliverable_has_a_size"),
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        return f"D-{self.number}"


class ScopeChange(models.Model):
    """A change of the scope after it was agreed: what, who and why. Never changed itself."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        REMOVED = "removed", _("taken out")
        RESIZED = "resized", _("resized")

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    phase = models.ForeignKey(Phase, models.CASCADE, related_name="scope_changes")
    deliverable = models.ForeignKey(Deliverable, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=7, choices=Kind)
    change = models.IntegerField()  # items of work, with sign
    reason = models.TextField(_("reason"), max_length=1_000)
    day = models.DateField()
    changed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["day", "pk"]
        triggers = [
            audited(),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} {self.change:+d}"


class FitAnswer(models.Model):
    """An answer of the fit assessment; ``question`` is a key of `compute.fit.QUESTIONS`."""

    class State(models.TextChoices):
        ASSUMED = "assumed", _("assumed")
        TESTED = "tested", _("tested: it holds")
        REFUTED = "refuted", _("refuted: it does not hold")

    project = models.ForeignKey(Project, models.CASCADE, related_name="fit_answers")
    question = models.CharField(max_length=20)
    state = models.CharField(_("state"), max_length=7, choices=State)
    note = models.TextField(_("what it rests on"), max_length=2_000, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[FitAnswer]] = ProjectRows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "question"], name="fit_answer_once")]
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.question}: {self.state}"


class Gate(models.TextChoices):
    DELIVERY = "delivery", _("From discovery to delivery")
    PRODUCTION = "production", _("From delivery to production")


class Criterion(models.Model):
    """A criterion of a gate that the project set itself; people say whether it is met, with evidence."""

    class State(models.TextChoices):
        MET = "met", _("met")
        NOT_MET = "not_met", _("not met")
        UNKNOWN = "unknown", _("unknown")

    project = models.ForeignKey(Project, models.CASCADE, related_name="criteria")
    gate = models.CharField(_("gate"), max_length=10, choices=Gate)
    text = models.CharField(_("criterion"), max_length=300)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.UNKNOWN)
    evidence = models.TextField(_("evidence"), max_length=2_000, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    judged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Criterion]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = [audited()]

    def __str__(self) -> str:
        return self.text


class GateAdvice(models.TextChoices):
    """What the criteria of a gate advise; people decide."""

    GO = "go", _("go")
    NOT_YET = "not_yet", _("not yet")
    STOP = "stop", _("stop: ML is not the right tool")


class Decision(models.Model):
    """What people decided, kept for ever with the evidence as it stood.

    A decision against the computed advice is PROPOSED until a second person confirms it (or declines);
    only IN_FORCE ones move the project.
    """

    class Subject(models.TextChoices):
        DELIVERY_GATE = "delivery", _("Gate from discovery to delivery")
        PRODUCTION_GATE = "production", _("Gate from delivery to production")
        TIMEBOX = "timebox", _("End of the timebox")
        RETIREMENT = "retirement", _("Retirement")
        NEW_CYCLE = "new_cycle", _("Return to discovery")

    class Outcome(models.TextChoices):
        GO = "go", _("Go")
        CHANGE_COURSE = "change_course", _("Change course")
        STOP = "stop", _("Stop")
        EXTEND = "extend", _("Extend once")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second person")
        IN_FORCE = "in_force", _("in force")
        DECLINED = "declined", _("declined by the second person")

    project = models.ForeignKey(Project, models.CASCADE, related_name="decisions")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=10, choices=Subject)
    outcome = models.CharField(_("decision"), max_length=13, choices=Outcome)
    state = models.CharField(max_length=8, choices=State, default=State.IN_FORCE)
    advice = models.CharField(max_length=7, choices=GateAdvice, blank=True)  # of the criteria, then
    evidence = models.JSONField(default=dict)  # `gates.Assessment.to_json()` as it stood
    promised_on = models.DateField(_("promised for"), null=True)  # of a go to delivery
    extend_to = models.DateField(_("new end of the timebox"), null=True)  # also of the next cycle's
    reason = models.TextField(_("reason"), max_length=2_000, blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    second_person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_note = models.TextField(max_length=1_000, blank=True)

    objects: ClassVar[models.Manager[Decision]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="decision_number_once"),
            models.UniqueConstraint(
                fields=["phase", "subject"],
                condition=models.Q(state="proposed"),
                name="one_decision_waits_at_a_gate",
            ),
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}: {self.get_outcome_display()}"
