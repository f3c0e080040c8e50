"""Where messages of the portal go: webhooks of a project, mail of people, and each delivery."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.history.models import audited
from apps.projects.access import visible
from apps.projects.models import Project

PERSON = settings.AUTH_USER_MODEL


class Severity(models.TextChoices):
    """How urgent a message is; each includes those above it."""

    BAD = "bad", _("Failures only")
    WARN = "warn", _("Failures and warnings")
    ALL = "all", _("Everything, also that it is over")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: User) -> models.QuerySet[Webhook]:
        return visible(self, user)


class Webhook(models.Model):
    """An address outside that is told what happens in a project. Bodies are signed with ``secret``."""

    class Format(models.TextChoices):
        JSON = "json", _("JSON with all details")
        SLACK = "slack", _("Text as Slack and Mattermost take it")

    project = models.ForeignKey(Project, models.CASCADE, related_name="webhooks")
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=500)
    #: Of ``url``: for lists and the trail, as the rest of an address may be as secret as a password.
    host = models.GeneratedField(
        expression=models.Func(
            "url", models.Value("^[^:]+://([^/?#]+).*$"), models.Value(r"\1"), function="regexp_replace"
        ),
        output_field=models.CharField(max_length=500),
        db_persist=True,
    )
    format = models.CharField(_("format"), max_length=5, choices=Format, default=Format.JSON)
    #: Key of the HMAC; shown once, when it is made. Kept readable: a signature needs it.
    secret = models.CharField(max_length=64, editable=False)
    severity = models.CharField(_("what is sent"), max_length=4, choices=Severity, default=Severity.WARN)
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Webhook]] = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="webhook_name_once")]
        triggers = [audited(leave_out=["secret", "url"])]

    def __str__(self) -> str:
        return self.name


class Preference(models.Model):
    """How one person wants to be told. Without a row: mail at once, of failures and warnings."""

    class Mail(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        DIGEST = "digest", _("once a day")
        NEVER = "never", _("never; I look at the portal")

    user = models.OneToOneField(PERSON, models.CASCADE, related_name="notification_preference")
    mail = models.CharField(_("mail"), max_length=7, choices=Mail, default=Mail.AT_ONCE)
    severity = models.CharField(_("what is sent"), max_length=4, choices=Severity, default=Severity.WARN)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)  # both or neither
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_at = models.TimeField(_("digest at"), default=time(8))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_from_and_until",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def of(cls, person: User) -> Preference:
        """The person's row; an unsaved one with the defaults for who never said anything."""
        return cls.objects.filter(user=person).first() or cls(user=person)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> models.QuerySet[Delivery]:
        return visible(self, user)


class Delivery(models.Model):
    """One message to one receiver: a webhook or a person. The row is the truth; a task is only a hint.

    ``event`` is a `services.Event` as JSON. ``due_at`` is when the next attempt is to be made: later after a
    failure, and for mail after quiet hours or at the time of the digest.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")
        DROPPED = "dropped", _("Not sent")  # the receiver is gone, switched off or left the project

    project = models.ForeignKey(  # empty for a test of one's own mail
        Project, models.CASCADE, null=True, related_name="deliveries"
    )
    webhook = models.ForeignKey(Webhook, models.CASCADE, null=True, related_name="deliveries")
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="deliveries")
    key = models.CharField(max_length=120)  # of the event: one delivery for each receiver
    event = models.JSONField()
    is_digest = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)  # a worker is at it
    status = models.PositiveSmallIntegerField(null=True)  # HTTP status of the newest answer
    problem = models.JSONField(null=True)  # a message: why the newest attempt failed
    milliseconds = models.PositiveIntegerField(null=True)
    replay_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replays")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Delivery]] = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "key"], condition=models.Q(webhook__isnull=False), name="webhook_told_once"
            ),
            models.UniqueConstraint(
                fields=["project", "person", "key"],
                condition=models.Q(person__isnull=False),
                name="person_told_once",
            ),
            models.CheckConstraint(
                condition=models.Q(webhook=None, person__isnull=False)
                | models.Q(webhook__isnull=False, person=None),
                name="one_receiver",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(state="waiting")),
            models.Index(fields=["project", "-created_at"], name="delivery_by_project"),
        ]

    def __str__(self) -> str:
        return f"{self.webhook or self.person}: {self.key}"

    @property
    def title(self) -> Message:
        return Message.from_json(self.event["title"])

    @property
    def reason(self) -> Message | None:
        """Why the newest attempt failed, or why nothing was sent."""
        return Message.from_json(self.problem) if self.problem else None
