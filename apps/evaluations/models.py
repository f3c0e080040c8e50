"""Runs: a file of predictions, judged."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.datasets.models import DataFile
from apps.history.models import audited
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project

#: That a project may allow before it warns.
MOST_LOOKS = 10_000


def task_choices() -> list[tuple[str, Any]]:
    """Every kind of problem, for the choices of fields."""
    return [(kind.key.value, _(kind.label)) for kind in TASK_KINDS.values()]


def measured_task_choices() -> list[tuple[str, Any]]:
    """Kinds of problem of which every evaluation measures how good a run is."""
    return [(kind.key.value, _(kind.label)) for kind in TASK_KINDS.values() if kind.measured]


def task_label(task: str) -> str:
    return str(_(TASK_KINDS[Task(task)].label))


class Model(models.Model):
    """Something that predicts: a trained model, or the rule that it has to beat."""

    class Kind(models.TextChoices):
        ML = "ml", _("Machine learning")
        BASELINE = "baseline", _("Baseline without ML")

    project = models.ForeignKey(Project, models.CASCADE, related_name="models")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.ML)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="model_name_once")]

    def __str__(self) -> str:
        return self.name


class Baseline(models.Model):
    """What the project would do without machine learning; every model is compared with it."""

    class Kind(models.TextChoices):
        RULE = "rule", _("A rule")
        REGEX = "regex", _("Regular expressions or word lists")
        LAST_VALUE = "last_value", _("The last value")
        PERSON = "person", _("A person")
        PRESENT_SYSTEM = "present_system", _("The present system")
        OTHER = "other", _("Something else")

    project = models.OneToOneField(Project, models.CASCADE, related_name="baseline")
    model = models.OneToOneField(Model, models.PROTECT, related_name="baseline_of")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    description = models.TextField(_("what it does"), max_length=1_000, blank=True)

    class Meta:
        triggers = [audited()]

    def __str__(self) -> str:
        return str(self.model)


class ModelVersion(models.Model):
    """One state of a model. ``label`` is the team's own name for it: a tag, a commit, a date."""

    model = models.ForeignKey(Model, models.CASCADE, related_name="versions")
    label = models.CharField(_("version"), max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["model__name", "label"]
        constraints = [models.UniqueConstraint(fields=["model", "label"], name="model_version_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.label}".strip()


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: User) -> models.QuerySet[Run]:
        return visible(self, user)


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, user: User) -> models.QuerySet[Comparison]:
        return visible(self, user)


class Run(models.Model):
    """One evaluation. The job's state is the run's state; ``result`` appears with its success."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=200)
    notes = models.TextField(_("notes"), max_length=5_000, blank=True)
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="runs")
    code_revision = models.CharField(_("code revision"), max_length=100, blank=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    parameters = models.JSONField(_("parameters"), default=dict)  # name -> text, number or yes/no
    training = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="trained_runs")
    training_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of training data kept elsewhere
    file = models.ForeignKey(DataFile, models.PROTECT, related_name="runs")
    truth = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="judged_runs")

    task = models.CharField(
        _("task"), max_length=20, choices=task_choices, blank=True
    )  # blank: found in the file
    roles = models.JSONField(default=dict)  # empty: guessed when the file is read
    positive = models.CharField(_("positive class"), max_length=200, blank=True)
    threshold = models.FloatField(_("threshold"), null=True)
    cross_slices = models.JSONField(default=list)
    seed = models.PositiveIntegerField(default=0)

    evaluated_at = models.DateTimeField(_("evaluated"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    job = models.OneToOneField(Job, models.PROTECT, related_name="run")

    rows = models.PositiveBigIntegerField(_("rows"), null=True)
    result = models.JSONField(null=True)  # compute.results.EvaluationResult
    join_report = models.JSONField(null=True)  # compute.join.JoinReport, when a truth file was used
    overlap = models.JSONField(null=True)  # compute.leaks.Overlap, when the training data are known
    evaluation_version = models.CharField(max_length=40, blank=True)

    objects: ClassVar[models.Manager[Run]] = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("run")
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="run_number_once")]
        indexes = [models.Index(fields=["project", "-evaluated_at"], name="run_by_evaluation")]

    def __str__(self) -> str:
        return _("Run %(number)d") % {"number": self.number}


class EvaluationPolicy(models.Model):
    """What a project allows with its hold-outs. A project without a row has the defaults."""

    class Leak(models.TextChoices):
        WARN = "warn", _("Warn")
        REFUSE = "refuse", _("Refuse the run")

    project = models.OneToOneField(Project, models.CASCADE, related_name="evaluation_policy")
    leak = models.CharField(
        _("hold-out rows in the training data"), max_length=6, choices=Leak, default=Leak.WARN
    )
    most_looks = models.PositiveSmallIntegerField(_("looks at a hold-out before a warning"), default=20)

    class Meta:
        triggers = [audited()]

    def __str__(self) -> str:
        return str(self.project)

    @classmethod
    def of(cls, project: Project) -> EvaluationPolicy:
        """What the project allows; the defaults, unsaved, where nobody said anything."""
        return cls.objects.filter(project=project).first() or cls(project=project)


class MetricValue(models.Model):
    """One metric of one run, overall (``slice`` empty) or on a slice; made for queries."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="values")
    metric = models.CharField(max_length=40)
    slice_column = models.CharField(max_length=600, blank=True)  # crossings are joined by " × "
    slice_value = models.CharField(max_length=600, blank=True)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "metric", "slice_column", "slice_value"], name="metric_value_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["metric", "value"], name="metric_overall", condition=models.Q(slice_column="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} = {self.value}"


class Comparison(models.Model):
    """Runs judged against the first of them on their common rows. Same runs, same comparison: links last.

    The job's state is the comparison's; ``result`` (`compute.comparison.ComparisonResult`) appears with its
    success. Those with the baseline are made by the portal when a run has finished.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="comparisons")
    run_ids = ArrayField(models.BigIntegerField())  # in the reader's order; the first is compared against
    runs = models.ManyToManyField(Run, related_name="comparisons")
    with_baseline = models.BooleanField(default=False)  # two runs: the baseline's and a model's
    job = models.OneToOneField(Job, models.PROTECT, related_name="comparison")
    result = models.JSONField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Comparison]] = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["project", "run_ids"], name="comparison_once")]

    def __str__(self) -> str:
        return _("Comparison %(number)d") % {"number": self.pk}
