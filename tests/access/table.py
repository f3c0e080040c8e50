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
    """One method of one route. ``kwargs`` are the parts of its address: names of `World.kwargs`."""

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
    *rows(SIGNED_IN, "upload", "get"),
    # projects
    *rows(SIGNED_IN, "dashboards:portfolio", "get"),
    *rows(SIGNED_IN, "projects:create", "get post put"),
    *rows(VIEWER, "dashboards:project", "get", "project"),
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
    *rows(ENGINEER, "evaluations:edit", "get post put", "project", "number"),
    *rows(VIEWER, "evaluations:result-json", "get", "project", "number"),
    *rows(VIEWER, "evaluations:metrics-csv", "get", "project", "number"),
    # jobs
    *rows(VIEWER, "jobs:list", "get", "project"),
    *rows(VIEWER, "jobs:detail", "get", "project", "job_pk"),
    *rows(VIEWER, "jobs:fragment", "get", "project", "job_pk"),
    *rows(ENGINEER, "jobs:cancel", "post", "project", "job_pk"),
    *rows(ENGINEER, "jobs:retry", "post", "project", "job_pk"),
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
    # sign-in and second factors, by allauth
    *rows(PUBLIC, "account_login", "get post put"),
    *rows(PUBLIC, "account_signup", "get post put"),  # says that it is closed
    *rows(PUBLIC, "account_inactive", "get"),
    *rows(PUBLIC, "account_reset_password", "get post put"),
    *rows(PUBLIC, "account_reset_password_done", "get"),
    *rows(PUBLIC, "account_reset_password_from_key", "get post put", "uidb36", "key"),
    *rows(PUBLIC, "account_reset_password_from_key_done", "get"),
    *rows(PUBLIC, "account_confirm_email", "get", "key"),
    *rows(PUBLIC, "account_email", "get"),  # only sends on to the settings
    *rows(SIGNED_IN, "account_reauthenticate", "get post put"),
    *rows(SIGNED_IN, "account_change_password", "get post put"),
    *rows(SIGNED_IN, "account_set_password", "get post put"),
    *rows(SIGNED_IN, "mfa_index", "get"),
    *rows(SIGNED_IN, "mfa_reauthenticate", "get post put"),
    *rows(SIGNED_IN, "mfa_reauthenticate_webauthn", "get post put"),
    *rows(SIGNED_IN, "mfa_activate_totp", "get post put"),
    *rows(SIGNED_IN, "mfa_deactivate_totp", "get post put"),
    *rows(SIGNED_IN, "mfa_view_recovery_codes", "get"),
    *rows(SIGNED_IN, "mfa_generate_recovery_codes", "get post put"),
    *rows(SIGNED_IN, "mfa_download_recovery_codes", "get"),
    *rows(SIGNED_IN, "mfa_list_webauthn", "get"),
    *rows(SIGNED_IN, "mfa_add_webauthn", "get post put"),
]

#: Routes that have a test of their own, and why they do not fit the table.
ELSEWHERE = {
    ("api:file-list", "post"): "the project is in the body: test_submitting",
    ("api:run-list", "post"): "the project is in the body: test_submitting",
    ("api:token-detail", "delete"): "own tokens only: tests/accounts",
    ("accounts:token-revoke", "post"): "own tokens only: tests/accounts",
    ("?", "func"): "the API's answer to unknown addresses: tests/api",
    ("set_language", "func"): "a form for everybody that only sets a cookie",
    ("account_email_verification_sent", "func"): "a page of text for everybody",
    **dict.fromkeys(
        [("account_email", method) for method in ("post", "put")],
        "allauth's page behind the redirect: tests/accounts, nobody takes another address",
    ),
    **dict.fromkeys(
        [("account_logout", method) for method in ("get", "post")]
        + [("mfa_login_webauthn", method) for method in ("get", "post", "put")],
        "for everybody; sends to the sign-in page, which the table takes for a refusal",
    ),
    ("account_confirm_email", "post"): "there are no addresses to confirm: 404 for everybody",
    **dict.fromkeys(
        [("mfa_authenticate", method) for method in ("get", "post")]
        + [("account_confirm_login_code", method) for method in ("get", "post", "put")],
        "needs a sign-in that is half done: tests/accounts/test_security.py",
    ),
    **dict.fromkeys(
        [("mfa_edit_webauthn", method) for method in ("get", "post", "put")]
        + [("mfa_remove_webauthn", method) for method in ("get", "post", "delete")],
        "own keys only: tests/accounts",
    ),
}
