"""What a monitor gets, and what was measured in it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.jobs.models import Job
from apps.monitoring.models.monitors import Monitor, WatchedModel
from apps.projects.access import visible

PERSON = settings.AUTH_USER_MODEL


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User) -> models.QuerySet[Batch]:
        return visible(self, user, "monitor__project")

    def current(self) -> models.QuerySet[Batch]:
        """Those that no correction replaced."""
        return self.filter(replaced_at=None)


class Batch(models.Model):
    """What the system saw and said in the window of event time [start, end).

    A correction is a batch of its own with the same window; the one before it is ``replaced_at`` then and
    keeps its results. The job's state is the state of the check; ``check`` appears with its success.
    Metrics that need labels are in `LiveMetric`: ``labels_ticket`` grows whenever the batch's labels change,
    and the batch is to be evaluated while ``evaluated_ticket`` is smaller.
    """

    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("until"))
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="batches")  # null: not kept
    sha256 = models.CharField(max_length=64)
    arrived_at = models.DateTimeField(_("arrived"))
    is_late = models.BooleanField(_("late"), default=False)
    replaced_at = models.DateTimeField(null=True)
    job = models.OneToOneField(Job, models.PROTECT, related_name="batch")
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")

    rows = models.PositiveBigIntegerField(_("rows"), null=True)
    check_result = models.JSONField(null=True)  # compute.monitoring.check.BatchCheck
    drifted = models.PositiveIntegerField(null=True)  # columns with the verdict "drift" against the reference
    strongest = models.FloatField(null=True)  # largest drift strength
    broken = models.PositiveIntegerField(null=True)  # findings of data quality that are "bad"
    warned = models.PositiveIntegerField(null=True)
    latency_p95 = models.FloatField(null=True)  # ms

    labels_ticket = models.PositiveIntegerField(default=0)
    evaluated_ticket = models.PositiveIntegerField(default=0)
    labelled = models.PositiveBigIntegerField(default=0)  # rows with a label when it was evaluated last
    changed_labels = models.PositiveBigIntegerField(default=0)  # rows whose label a later upload changed
    notes = models.JSONField(default=list)  # messages of the newest evaluation
    is_estimated = models.BooleanField(default=False)  # metrics without labels were looked for

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-start", "-pk"]
        verbose_name_plural = _("batches")
        constraints = [
            models.UniqueConstraint(fields=["monitor", "number"], name="batch_number_once"),
            models.UniqueConstraint(
                fields=["monitor", "start", "end"], condition=Q(replaced_at=None), name="one_current_batch"
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="window_ends_after_its_start"),
        ]
        indexes = [
            models.Index(fields=["monitor", "-start"], name="batch_time_line", condition=Q(replaced_at=None)),
            models.Index(
                fields=["monitor", "start"],
                name="batch_to_evaluate",
                condition=Q(labels_ticket__gt=F("evaluated_ticket")),
            ),
            models.Index(
                fields=["monitor", "start"], name="batch_to_estimate", condition=Q(is_estimated=False)
            ),
        ]

    def __str__(self) -> str:
        return _("Batch %(number)d") % {"number": self.number}


class LabelUpload(models.Model):
    """Labels that arrived: ids and what turned out to be true. The newest label of an id counts."""

    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="label_uploads")
    number = models.PositiveIntegerField()  # the order in which they count
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="label_uploads")
    sha256 = models.CharField(max_length=64)
    id_column = models.CharField(max_length=600, blank=True)  # empty: found when the file is read
    label_column = models.CharField(max_length=600, blank=True)
    arrived_at = models.DateTimeField(_("arrived"))
    job = models.OneToOneField(Job, models.PROTECT, related_name="label_upload")
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    rows = models.PositiveBigIntegerField(_("rows"), null=True)  # ids with a label
    notes = models.JSONField(default=list)  # messages: what was left out, and why
    matched = models.PositiveBigIntegerField(default=0)  # rows whose id a batch has
    unknown_examples = models.JSONField(default=list)  # ids that no batch has, at most 5

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["monitor", "number"], name="label_upload_number_once")]

    def __str__(self) -> str:
        return _("Labels %(number)d") % {"number": self.number}


class LabelMatch(models.Model):
    """An upload has labels for a batch. Rows are only added: the labels of a batch follow from them."""

    upload = models.ForeignKey(LabelUpload, models.CASCADE, related_name="matches")
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="label_matches")
    rows = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "batch"], name="label_match_once")]

    def __str__(self) -> str:
        return f"{self.upload} → {self.batch}"


class LiveMetric(models.Model):
    """One metric of one model in one batch, overall (``slice_column`` empty) or on a segment.

    ``estimated``: by CBPE from probabilities, without labels; kept beside the truth when that comes.
    ``low`` and ``high`` bound it at 95 %. Without a value ``undefined`` says why.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="metrics")
    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="+")
    watched = models.ForeignKey(WatchedModel, models.CASCADE, related_name="metrics")
    start = models.DateTimeField()  # of the batch, for time lines
    metric = models.CharField(max_length=40)
    slice_column = models.CharField(max_length=600, blank=True)
    slice_value = models.CharField(max_length=600, blank=True)
    estimated = models.BooleanField(default=False)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveBigIntegerField()
    undefined = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "watched", "metric", "slice_column", "slice_value", "estimated"],
                name="live_metric_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["monitor", "metric", "watched", "start"],
                name="live_metric_time_line",
                condition=Q(slice_column=""),
            ),
            models.Index(
                fields=["monitor", "slice_column", "slice_value", "metric", "start"],
                name="live_metric_segment",
                condition=~Q(slice_column=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} = {self.value}"
