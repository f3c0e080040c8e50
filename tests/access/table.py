"""The access table: every route and API action, and who gets through.

One line a route and method. ``PUBLIC`` needs nobody, ``SIGNED_IN`` anybody, ``ADMIN`` a site admin; a `Role`
is the least role in the project that the route names. What a row sends may be wrong for the form; what
counts is who is let in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from apps.projects.models import Role


class Anyone(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"
    ADMIN = "site admin"


Needs = Anyone | Role
VIEWER, ENGINEER, MANAGER, OWNER = Role
PUBLIC, SIGNED_IN, ADMIN = Anyone


@dataclass(frozen=True, slots=True)
class Row:
    """``below`` is the answer to members with a lower role: forbidden, or not there."""

    route: str
    method: str
    needs: Needs
    kwargs: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api:")

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def rows(needs: Needs, route: str, methods: str, *kwargs: str, **data: Any) -> list[Row]:
    return [Row(route, method, needs, kwargs, data) for method in methods.split()]


TABLE = [
    *rows(SIGNED_IN, "home", "get"),
    # projects
    *rows(SIGNED_IN, "projects:list", "get"),
    *rows(SIGNED_IN, "projects:create", "get post put"),
    *rows(VIEWER, "projects:detail", "get", "project"),
    *rows(MANAGER, "projects:settings", "get post put", "project"),
    *rows(VIEWER, "projects:members", "get", "project"),
    *rows(OWNER, "projects:members", "post put", "project"),
    *rows(OWNER, "projects:member", "post", "project", "member", role="viewer"),
    # files
    *rows(VIEWER, "datasets:list", "get", "project"),
    *rows(ENGINEER, "datasets:upload-truth", "get post", "project"),
    *rows(VIEWER, "datasets:detail", "get", "project", "file"),
    *rows(ENGINEER, "datasets:delete", "get post", "project", "file"),
    # runs
    *rows(VIEWER, "evaluations:list", "get", "project"),
    *rows(ENGINEER, "evaluations:upload", "get post", "project"),
    *rows(ENGINEER, "evaluations:columns", "get post", "project", "file"),
    *rows(VIEWER, "evaluations:detail", "get", "project", "number"),
    *rows(ENGINEER, "evaluations:edit", "get post", "project", "number"),
    *rows(VIEWER, "evaluations:result-json", "get", "project", "number"),
    *rows(VIEWER, "evaluations:metrics-csv", "get", "project", "number"),
    # jobs
    *rows(VIEWER, "jobs:list", "get", "project"),
    *rows(VIEWER, "jobs:detail", "get", "project", "job"),
    *rows(VIEWER, "jobs:fragment", "get", "project", "job"),
    *rows(ENGINEER, "jobs:cancel", "post", "project", "job"),
    *rows(ENGINEER, "jobs:retry", "post", "project", "job"),
    # settings
    *rows(SIGNED_IN, "accounts:settings", "get post put"),
    *rows(SIGNED_IN, "accounts:tokens", "get post put"),
    *rows(ADMIN, "accounts:people", "get post"),
    *rows(ADMIN, "accounts:person", "post", "person"),
    # API
    *rows(SIGNED_IN, "api:project-list", "get post", name="A project"),
    *rows(VIEWER, "api:project-detail", "get", "slug"),
    *rows(MANAGER, "api:project-detail", "patch", "slug", description="Changed"),
    *rows(VIEWER, "api:project-members", "get", "slug"),
    *rows(OWNER, "api:project-members", "post", "slug", email="x@example.org", role="viewer"),
    *rows(OWNER, "api:project-member", "patch delete", "slug", "member", role="viewer"),
    *rows(SIGNED_IN, "api:file-list", "get"),
    *rows(VIEWER, "api:file-detail", "get", "file_pk"),
    *rows(ENGINEER, "api:file-detail", "delete", "file_pk"),
    *rows(ENGINEER, "api:file-roles", "put", "file_pk", roles={}),
    *rows(SIGNED_IN, "api:run-list", "get"),
    *rows(VIEWER, "api:run-detail", "get", "run_pk"),
    *rows(ENGINEER, "api:run-detail", "patch", "run_pk", name="Changed"),
    *rows(VIEWER, "api:run-metrics", "get", "run_pk"),
    *rows(SIGNED_IN, "api:job-list", "get"),
    *rows(VIEWER, "api:job-detail", "get", "job_pk"),
    *rows(ENGINEER, "api:job-cancel", "post", "job_pk"),
    *rows(ENGINEER, "api:job-retry", "post", "job_pk"),
    *rows(SIGNED_IN, "api:token-list", "get post", name="t"),
    *rows(SIGNED_IN, "api-schema", "get"),
    *rows(SIGNED_IN, "api-swagger", "get"),
    *rows(SIGNED_IN, "api-redoc", "get"),
]

#: Routes that have a test of their own, and why they do not fit the table.
ELSEWHERE = {
    ("api:file-list", "post"): "the project is in the body: test_submitting",
    ("api:run-list", "post"): "the project is in the body: test_submitting",
    ("api:token-detail", "delete"): "own tokens only: tests/accounts",
    ("accounts:token-revoke", "post"): "own tokens only: tests/accounts",
    ("?", "get"): "the API's answer to unknown addresses: tests/api",
    ("set_language", "func"): "a form for everybody that only sets a cookie",
}
#: allauth guards its own pages; the portal only decides that nobody signs up (tests/accounts).
FOREIGN = ("account_", "mfa_")
