"""Real rows for tests. Each function makes one thing with everything that it needs."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from apps.accounts import services as accounts
from apps.accounts.models import ApiToken, User
from apps.datasets.models import DataFile
from apps.drift.models import DriftReport
from apps.evaluations.models import Model, ModelVersion, Run
from apps.jobs.models import Job
from apps.monitoring.models import Alert, Batch, Monitor, WatchedModel
from apps.projects import services as projects
from apps.projects.models import Membership, Project, Role

PASSWORD = "correct horse battery staple"
#: One round instead of a million: signing in still works, and tests do not wait for the hash.
_HASH = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
_numbers = itertools.count(1)


def make_user(name: str = "", **fields: Any) -> User:
    fields = {"email": f"person{next(_numbers)}@example.org", "password": _HASH, "name": name, **fields}
    return User.objects.create(**fields)


def make_project(owner: User | None = None, name: str = "") -> Project:
    number = next(_numbers)
    return projects.create_project(user=owner or make_user(), name=name or f"Project {number}")


def make_member(project: Project, role: Role | str) -> User:
    user = make_user(str(role))
    Membership.objects.create(project=project, user=user, role=role)
    return user


def make_token(user: User, scope: str = ApiToken.Scope.WRITE) -> str:
    """The key of a new token."""
    _token, key = accounts.create_token(user=user, name="test", scope=scope, days=1)
    return key


def make_job(project: Project, **fields: Any) -> Job:
    fields = {"task": "tests.none", "title": "A job", "created_by": project.created_by, **fields}
    return Job.objects.create(project=project, **fields)


def make_file(project: Project, **fields: Any) -> DataFile:
    """A row without bytes in the storage: for lists and access, not for reading."""
    number = next(_numbers)
    fields = {
        "name": f"file{number}.csv",
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "size": 1_000,
        "uploaded_by": project.created_by,
        **fields,
    }
    return DataFile.objects.create(project=project, **fields)


def make_run(project: Project, **fields: Any) -> Run:
    project.last_run_number += 1
    project.save(update_fields=["last_run_number"])
    fields = {
        "number": project.last_run_number,
        "name": f"Run {project.last_run_number}",
        "file": fields.get("file") or make_file(project),
        "job": fields.get("job") or make_job(project),
        "created_by": project.created_by,
        **fields,
    }
    return Run.objects.create(project=project, **fields)


def make_drift_report(project: Project, **fields: Any) -> DriftReport:
    """A report that waits for its job."""
    fields = {
        "number": DriftReport.objects.filter(project=project).count() + 1,
        "reference_file": fields.get("reference_file") or make_file(project, purpose="data"),
        "current_file": fields.get("current_file") or make_file(project, purpose="data"),
        "series": "0" * 32,
        "job": fields.get("job") or make_job(project),
        "created_by": project.created_by,
        **fields,
    }
    return DriftReport.objects.create(project=project, **fields)


#: When the monitors of `make_monitor` begin.
FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)


def make_model_version(project: Project, label: str = "1", *, kind: str = Model.Kind.ML) -> ModelVersion:
    model, _created = Model.objects.get_or_create(project=project, name=f"Model {kind}", kind=kind)
    return ModelVersion.objects.get_or_create(model=model, label=label)[0]


def make_monitor(project: Project, **fields: Any) -> Monitor:
    """A daily monitor of a binary model, with its champion; its reference has no bytes."""
    number = Monitor.objects.filter(project=project).count() + 1
    fields = {
        "number": number,
        "name": f"Monitor {number}",
        "task": "binary",
        "reference_file": fields.get("reference_file") or make_file(project, purpose="data"),
        "starts_at": FIRST_DAY,
        "watch_metric": "accuracy",
        "created_by": project.created_by,
        **fields,
    }
    monitor = Monitor.objects.create(project=project, **fields)
    WatchedModel.objects.create(
        monitor=monitor,
        version=make_model_version(project),
        roles={
            "predicted": {"role": "prediction", "label": ""},
            "score": {"role": "probability", "label": ""},
        },
        since=monitor.starts_at,
    )
    return monitor


def make_batch(monitor: Monitor, day: int = 0, **fields: Any) -> Batch:
    """The batch of one day after `FIRST_DAY`; its file has no bytes."""
    start = fields.pop("start", monitor.starts_at + timedelta(days=day))
    fields = {
        "number": Batch.objects.filter(monitor=monitor).count() + 1,
        "end": start + timedelta(days=1),
        "sha256": "0" * 64,
        "arrived_at": start + timedelta(days=1),
        "job": fields.get("job") or make_job(monitor.project),
        "created_by": monitor.created_by,
        **fields,
    }
    return Batch.objects.create(monitor=monitor, start=start, **fields)


def make_alert(monitor: Monitor, **fields: Any) -> Alert:
    number = Alert.objects.filter(project=monitor.project).count() + 1
    fields = {
        "number": number,
        "kind": Alert.Kind.SCHEMA,
        "cause": f"schema:column{number}",
        "severity": Alert.Severity.BAD,
        "title": {"text": "The column %(column)s is missing.", "params": {"column": f"column{number}"}},
        "text": {"text": "Send the batch again with the column.", "params": {}},
        "first_at": monitor.starts_at,
        "last_at": monitor.starts_at,
        "opened_at": monitor.starts_at + timedelta(days=1),
        **fields,
    }
    return Alert.objects.create(project=monitor.project, monitor=monitor, **fields)
