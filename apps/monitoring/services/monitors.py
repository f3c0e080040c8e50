"""What people do with monitors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from apps.accounts.models import User
from apps.compute.roles import ColumnRoles
from apps.evaluations.models import ModelVersion
from apps.monitoring.models import Monitor, WatchedModel
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.projects.models import Project


def add_monitor(
    *, project: Project, user: User, about: MonitorAbout, models: Sequence[WatchedAbout]
) -> Monitor:
    """Watch a live system from now on; one of ``models`` is the champion. Engineers. InputRejected."""
    raise NotImplementedError


def change_monitor(*, monitor: Monitor, user: User, about: MonitorAbout) -> Monitor:
    """Replace all that was said (`MonitorAbout.of(monitor)` is what holds). What was measured stays."""
    raise NotImplementedError


def pause_monitor(*, monitor: Monitor, user: User) -> Monitor:
    raise NotImplementedError


def resume_monitor(*, monitor: Monitor, user: User) -> Monitor:
    """No batch is expected for the windows of the pause."""
    raise NotImplementedError


def archive_monitor(*, monitor: Monitor, user: User) -> Monitor:
    """For ever: its results stay, nothing comes in any more. Managers."""
    raise NotImplementedError


def watch_model(
    *,
    monitor: Monitor,
    user: User,
    version: ModelVersion,
    part: str,
    roles: ColumnRoles | None = None,
    since: datetime | None = None,
) -> WatchedModel:
    """Watch a version from ``since`` (now); the champion or baseline before it is watched until then."""
    raise NotImplementedError


def stop_watching(*, watched: WatchedModel, user: User) -> WatchedModel:
    """What was measured of it stays. The champion can only be replaced."""
    raise NotImplementedError
