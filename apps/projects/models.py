"""Projects and who works on them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.history.models import audited


class Role(models.TextChoices):
    """What a member may do; each role may do all that the one before it may."""

    VIEWER = "viewer", _("Viewer")
    ENGINEER = "engineer", _("Engineer")
    MANAGER = "manager", _("Manager")
    OWNER = "owner", _("Owner")


class UseCase(models.TextChoices):
    """What companies use machine learning for; the words of company surveys."""

    REDUCING_COSTS = "reducing_costs", _("Reducing costs")
    CUSTOMER_INSIGHT = "customer_insight", _("Understanding customers")
    CUSTOMER_EXPERIENCE = "customer_experience", _("Improving customer experience")
    AUTOMATION = "automation", _("Automating internal work")
    RETENTION = "retention", _("Keeping customers")
    INTERACTION = "interaction", _("Talking with customers")
    FORECASTING = "forecasting", _("Forecasting")
    FRAUD = "fraud", _("Finding fraud and risk")
    RECOMMENDATION = "recommendation", _("Recommending and ranking")
    VISION = "vision", _("Seeing and inspecting")
    OPERATIONS = "operations", _("Running plants and networks")
    OTHER = "other", _("Other")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> ProjectQuerySet:
        if user.is_superuser:
            return self
        return self.filter(memberships__user=user)


class Project(models.Model):
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    domain = models.CharField(_("domain"), max_length=80, blank=True)  # "Retail supply"
    use_case = models.CharField(_("use case"), max_length=20, choices=UseCase, default=UseCase.OTHER)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_run_number = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[models.Manager[Project]] = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        triggers = [audited(project="id", leave_out=["last_run_number"])]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_per_project"),
        ]
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
