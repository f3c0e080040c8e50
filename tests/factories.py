"""Real rows for tests. Each function makes one thing with everything that it needs."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from apps.accounts import services as accounts
from apps.accounts.models import ApiToken, User
from apps.datasets.models import DataFile
from apps.drift.models import DriftReport
from apps.evaluations.models import Run
from apps.jobs.models import Job
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
