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
    *rows(SIGNED_IN, "dashboards:portfolio-csv", "get"),
    *rows(SIGNED_IN, "dashboards:decisions", "get"),
    *rows(SIGNED_IN, "dashboards:changes", "get"),
    *rows(VIEWER, "dashboards:project-changes", "get", "project"),
    *rows(MANAGER, "projects:settings", "get post put", "project"),
    *rows(VIEWER, "projects:members", "get", "project"),
    *rows(OWNER, "projects:members", "post put", "project"),
    *rows(OWNER, "projects:member", "post", "project", "member", role="viewer"),
    # files
    *rows(VIEWER, "datasets:list", "get", "project"),
    *rows(ENGINEER, "datasets:upload-truth", "get post", "project"),
    *rows(VIEWER, "datasets:detail", "get", "project", "file"),
    *rows(ENGINEER, "datasets:delete", "get post", "project", "file"),
    *rows(VIEWER, "datasets:datasets", "get", "project"),
    *rows(ENGINEER, "datasets:datasets", "post put", "project"),
    *rows(VIEWER, "datasets:dataset", "get", "project", "dataset"),
    *rows(ENGINEER, "datasets:dataset", "post", "project", "dataset"),
    *rows(ENGINEER, "datasets:edit-dataset", "get post put", "project", "dataset"),
    *rows(VIEWER, "datasets:version", "get", "project", "dataset", "number"),
    *rows(VIEWER, "datasets:difference", "get", "project", "dataset"),
    *rows(ENGINEER, "datasets:difference", "post", "project", "dataset"),
    *rows(VIEWER, "datasets:expectations", "get", "project", "dataset"),
    *rows(ENGINEER, "datasets:expectation-kinds", "get", "project", "dataset"),
    *rows(ENGINEER, "datasets:add-expectation", "get post put", "project", "dataset", "kind"),
    *rows(ENGINEER, "datasets:suggestions", "get post", "project", "dataset"),
    *rows(ENGINEER, "datasets:expectation", "get post put", "project", "dataset", "expectation"),
    *rows(ENGINEER, "datasets:delete-expectation", "get post", "project", "dataset", "expectation"),
    *rows(VIEWER, "datasets:version-checks", "get", "project", "dataset", "number"),
    *rows(ENGINEER, "datasets:version-checks", "post", "project", "dataset", "number"),
    *rows(MANAGER, "datasets:accept-version", "get post put", "project", "dataset", "number"),
    # runs
    *rows(VIEWER, "evaluations:list", "get", "project"),
    *rows(ENGINEER, "evaluations:upload", "get post", "project"),
    *rows(ENGINEER, "evaluations:columns", "get post", "project", "file"),
    *rows(VIEWER, "evaluations:detail", "get", "project", "number"),
    *rows(ENGINEER, "evaluations:edit", "get post put", "project", "number"),
    *rows(VIEWER, "evaluations:result-json", "get", "project", "number"),
    *rows(VIEWER, "evaluations:metrics-csv", "get", "project", "number"),
    *rows(VIEWER, "evaluations:compare", "get", "project"),
    *rows(ENGINEER, "evaluations:compare", "post", "project"),
    *rows(VIEWER, "evaluations:comparison", "get", "project", "comparison"),
    *rows(VIEWER, "evaluations:baseline", "get", "project"),
    *rows(MANAGER, "evaluations:baseline", "post put", "project"),
    # drift
    *rows(VIEWER, "drift:list", "get", "project"),
    *rows(ENGINEER, "drift:new", "get post", "project"),
    *rows(ENGINEER, "drift:upload", "get post", "project"),
    *rows(VIEWER, "drift:methods", "get", "project"),
    *rows(VIEWER, "drift:detail", "get", "project", "number"),
    *rows(ENGINEER, "drift:make-reference", "get post put", "project", "number"),
    *rows(VIEWER, "drift:evidently", "get", "project", "number"),
    *rows(ENGINEER, "drift:evidently", "post", "project", "number"),
    *rows(VIEWER, "drift:evidently-html", "get", "project", "number"),
    *rows(VIEWER, "drift:evidently-download", "get", "project", "number"),
    # the life of a project
    *rows(VIEWER, "lifecycle:discovery", "get", "project"),
    *rows(ENGINEER, "lifecycle:discovery", "post put", "project"),
    *rows(MANAGER, "lifecycle:start-discovery", "get post put", "project"),
    *rows(MANAGER, "lifecycle:timebox", "get post put", "project"),
    *rows(ENGINEER, "lifecycle:settle", "get post put", "project", "number"),
    *rows(ENGINEER, "lifecycle:reopen-hypothesis", "post", "project", "number"),
    *rows(VIEWER, "lifecycle:delivery", "get", "project"),
    *rows(MANAGER, "lifecycle:delivery", "post put", "project"),
    *rows(MANAGER, "lifecycle:agree-scope", "get post put", "project"),
    *rows(ENGINEER, "lifecycle:finish", "get post put", "project", "number"),
    *rows(ENGINEER, "lifecycle:reopen-deliverable", "post", "project", "number"),
    *rows(MANAGER, "lifecycle:resize", "get post put", "project", "number"),
    *rows(MANAGER, "lifecycle:take-out", "get post put", "project", "number"),
    *rows(VIEWER, "lifecycle:fit", "get", "project"),
    *rows(ENGINEER, "lifecycle:answer-fit", "get post put", "project", "question"),
    *rows(VIEWER, "lifecycle:gate", "get", "project", "gate"),
    *rows(MANAGER, "lifecycle:gate", "post put", "project", "gate"),
    *rows(MANAGER, "lifecycle:add-criterion", "get post put", "project", "gate"),
    *rows(MANAGER, "lifecycle:judge-criterion", "get post put", "project", "criterion_pk"),
    *rows(MANAGER, "lifecycle:remove-criterion", "get post put", "project", "criterion_pk"),
    *rows(VIEWER, "lifecycle:decisions", "get", "project"),
    *rows(VIEWER, "lifecycle:decision", "get", "project", "number"),
    *rows(MANAGER, "lifecycle:decision", "post put", "project", "number"),
    *rows(MANAGER, "lifecycle:retire", "get post put", "project"),
    # the design document
    *rows(VIEWER, "documents:detail", "get", "project"),
    *rows(ENGINEER, "documents:section", "get post put", "project", "section"),
    *rows(ENGINEER, "documents:not-needed", "post", "project", "section"),
    *rows(VIEWER, "documents:versions", "get", "project"),
    *rows(VIEWER, "documents:difference", "get", "project"),
    *rows(VIEWER, "documents:export-md", "get", "project"),
    *rows(VIEWER, "documents:export-html", "get", "project"),
    *rows(VIEWER, "documents:decisions", "get", "project"),
    *rows(ENGINEER, "documents:decision-create", "get post put", "project"),
    *rows(VIEWER, "documents:decision", "get", "project", "adr"),
    *rows(MANAGER, "documents:settle", "post", "project", "adr"),
    *rows(MANAGER, "documents:supersede", "post", "project", "adr"),
    # requirements
    *rows(VIEWER, "requirements:list", "get", "project"),
    *rows(MANAGER, "requirements:create", "get post put", "project"),
    *rows(VIEWER, "requirements:detail", "get", "project", "number"),
    *rows(MANAGER, "requirements:edit", "get post put", "project", "number"),
    *rows(MANAGER, "requirements:withdraw", "get post put", "project", "number"),
    *rows(ENGINEER, "requirements:evidence", "get post put", "project", "number"),
    *rows(MANAGER, "requirements:waiver", "get post put", "project", "number"),
    *rows(MANAGER, "requirements:revoke-waiver", "post", "project", "number"),
    *rows(MANAGER, "requirements:stance", "post", "project", "number"),
    *rows(MANAGER, "requirements:matrix", "get post put", "project"),
    *rows(VIEWER, "requirements:stakeholders", "get", "project"),
    *rows(MANAGER, "requirements:stakeholders", "post put", "project"),
    *rows(MANAGER, "requirements:stakeholder", "get post put", "project", "stakeholder_pk"),
    *rows(MANAGER, "requirements:delete-stakeholder", "get post", "project", "stakeholder_pk"),
    *rows(VIEWER, "requirements:conflict", "get", "project", "conflict_pk"),
    *rows(MANAGER, "requirements:conflict", "post put", "project", "conflict_pk"),
    *rows(VIEWER, "requirements:conflict-card", "get", "project", "conflict_pk"),
    *rows(VIEWER, "requirements:calculator", "get", "project"),
    *rows(VIEWER, "requirements:value", "get", "project"),
    *rows(MANAGER, "requirements:value", "post put", "project"),
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
    *rows(SIGNED_IN, "api:portfolio-list", "get"),
    *rows(SIGNED_IN, "api:waiting-list", "get"),
    *rows(SIGNED_IN, "api:change-list", "get"),
    *rows(SIGNED_IN, "api:file-list", "get"),
    *rows(VIEWER, "api:file-detail", "get", "file_pk"),
    *rows(ENGINEER, "api:file-detail", "delete", "file_pk"),
    *rows(ENGINEER, "api:file-roles", "put", "file_pk", roles={}),
    *rows(SIGNED_IN, "api:dataset-list", "get"),
    *rows(VIEWER, "api:dataset-detail", "get", "dataset_pk"),
    *rows(ENGINEER, "api:dataset-detail", "patch", "dataset_pk", source="The till"),
    *rows(VIEWER, "api:dataset-versions", "get", "dataset_pk"),
    *rows(ENGINEER, "api:dataset-versions", "post", "dataset_pk", file="x"),
    *rows(VIEWER, "api:dataset-version", "get", "dataset_pk", "number"),
    *rows(SIGNED_IN, "api:expectation-list", "get"),
    *rows(SIGNED_IN, "api:expectation-kinds", "get"),
    *rows(VIEWER, "api:expectation-detail", "get", "expectation_pk"),
    *rows(ENGINEER, "api:expectation-detail", "patch delete", "expectation_pk", note="Because"),
    *rows(SIGNED_IN, "api:check-list", "get"),
    *rows(VIEWER, "api:check-detail", "get", "check_pk"),
    *rows(MANAGER, "api:check-accept", "post", "check_pk", reason="It is right"),
    *rows(SIGNED_IN, "api:version-difference-list", "get"),
    *rows(VIEWER, "api:version-difference-detail", "get", "version_difference_pk"),
    *rows(SIGNED_IN, "api:comparison-list", "get"),
    *rows(VIEWER, "api:comparison-detail", "get", "comparison_pk"),
    *rows(SIGNED_IN, "api:baseline-list", "get"),
    *rows(VIEWER, "api:baseline-detail", "get", "baseline_pk"),
    *rows(SIGNED_IN, "api:drift-report-list", "get"),
    *rows(VIEWER, "api:drift-report-detail", "get", "drift_report_pk"),
    *rows(VIEWER, "api:drift-report-columns", "get", "drift_report_pk"),
    *rows(VIEWER, "api:drift-report-evidently", "get", "drift_report_pk"),
    *rows(ENGINEER, "api:drift-report-evidently", "post", "drift_report_pk"),
    *rows(VIEWER, "api:drift-report-evidently-page", "get", "drift_report_pk"),
    *rows(SIGNED_IN, "api:drift-reference-list", "get"),
    *rows(VIEWER, "api:drift-reference-detail", "get", "drift_reference_pk"),
    *rows(SIGNED_IN, "api:drift-method-list", "get"),
    *rows(SIGNED_IN, "api:run-list", "get"),
    *rows(VIEWER, "api:run-detail", "get", "run_pk"),
    *rows(ENGINEER, "api:run-detail", "patch", "run_pk", name="Changed"),
    *rows(VIEWER, "api:run-metrics", "get", "run_pk"),
    *rows(SIGNED_IN, "api:job-list", "get"),
    *rows(VIEWER, "api:job-detail", "get", "job_pk"),
    *rows(ENGINEER, "api:job-cancel", "post", "job_pk"),
    *rows(ENGINEER, "api:job-retry", "post", "job_pk"),
    *rows(SIGNED_IN, "api:token-list", "get post", name="t"),
    # API of the requirements
    *rows(SIGNED_IN, "api:stakeholder-list", "get"),
    *rows(VIEWER, "api:stakeholder-detail", "get", "stakeholder_pk"),
    *rows(MANAGER, "api:stakeholder-detail", "patch delete", "stakeholder_pk", goal="Fewer empty shelves"),
    *rows(SIGNED_IN, "api:requirement-list", "get"),
    *rows(VIEWER, "api:requirement-detail", "get", "requirement_pk"),
    *rows(MANAGER, "api:requirement-detail", "patch", "requirement_pk", priority="could", reason="Later"),
    *rows(MANAGER, "api:requirement-withdraw", "post", "requirement_pk", reason="Nobody asks"),
    *rows(VIEWER, "api:requirement-versions", "get", "requirement_pk"),
    *rows(VIEWER, "api:requirement-verdicts", "get", "requirement_pk"),
    *rows(VIEWER, "api:requirement-evidence", "get", "requirement_pk"),
    *rows(ENGINEER, "api:requirement-evidence", "post", "requirement_pk", kind="document", title="Opinion"),
    *rows(VIEWER, "api:requirement-waivers", "get", "requirement_pk"),
    *rows(
        MANAGER, "api:requirement-waivers", "post", "requirement_pk", reason="Later", expires_on="2098-01-01"
    ),
    *rows(MANAGER, "api:requirement-revoke-waiver", "post", "requirement_pk", "waiver"),
    *rows(SIGNED_IN, "api:conflict-list", "get"),
    *rows(VIEWER, "api:conflict-detail", "get", "conflict_pk"),
    *rows(MANAGER, "api:conflict-decide", "post", "conflict_pk", chosen="relax_first", decision="It is law"),
    *rows(SIGNED_IN, "api:value-case-list", "get"),
    *rows(VIEWER, "api:value-case-detail", "get", "value_case_pk"),
    # API of the phases, gates and decisions
    *rows(SIGNED_IN, "api:phase-list", "get"),
    *rows(VIEWER, "api:phase-detail", "get", "phase_pk"),
    *rows(MANAGER, "api:phase-detail", "patch", "phase_pk", ends_on="2098-01-01"),
    *rows(VIEWER, "api:phase-progress", "get", "phase_pk"),
    *rows(MANAGER, "api:phase-agree-scope", "post", "delivery_pk", promised_on="2098-01-01"),
    *rows(SIGNED_IN, "api:hypothesis-list", "get"),
    *rows(VIEWER, "api:hypothesis-detail", "get", "hypothesis_pk"),
    *rows(ENGINEER, "api:hypothesis-settle", "post", "hypothesis_pk", state="dropped", finding="No data"),
    *rows(ENGINEER, "api:hypothesis-reopen", "post", "hypothesis_pk"),
    *rows(SIGNED_IN, "api:deliverable-list", "get"),
    *rows(VIEWER, "api:deliverable-detail", "get", "deliverable_pk"),
    *rows(MANAGER, "api:deliverable-remove", "post", "deliverable_pk", reason="Not needed"),
    *rows(MANAGER, "api:deliverable-resize", "post", "deliverable_pk", size=3, reason="Larger"),
    *rows(ENGINEER, "api:deliverable-finish", "post", "deliverable_pk"),
    *rows(ENGINEER, "api:deliverable-reopen", "post", "deliverable_pk"),
    *rows(SIGNED_IN, "api:scope-change-list", "get"),
    *rows(SIGNED_IN, "api:fit-answer-list", "get"),
    *rows(VIEWER, "api:fit-answer-detail", "get", "fit_answer_pk"),
    *rows(SIGNED_IN, "api:criterion-list", "get"),
    *rows(VIEWER, "api:criterion-detail", "get", "criterion_pk"),
    *rows(MANAGER, "api:criterion-detail", "delete", "criterion_pk"),
    *rows(MANAGER, "api:criterion-judge", "post", "criterion_pk", state="met", evidence="Seen"),
    *rows(SIGNED_IN, "api:decision-list", "get"),
    *rows(VIEWER, "api:decision-detail", "get", "decision_pk"),
    *rows(MANAGER, "api:decision-confirm", "post", "decision_pk"),
    *rows(MANAGER, "api:decision-decline", "post", "decision_pk"),
    # API of the design document
    *rows(VIEWER, "api:document-detail", "get", "slug"),
    *rows(VIEWER, "api:document-versions", "get", "slug"),
    *rows(VIEWER, "api:document-version", "get", "slug", "number"),
    *rows(VIEWER, "api:document-difference", "get", "slug"),
    *rows(VIEWER, "api:document-markdown", "get", "slug"),
    *rows(ENGINEER, "api:document-section", "put", "slug", "section", text="Text", based_on=1),
    *rows(SIGNED_IN, "api:architecture-decision-list", "get"),
    *rows(VIEWER, "api:architecture-decision-detail", "get", "architecture_pk"),
    *rows(MANAGER, "api:architecture-decision-settle", "post", "architecture_pk", state="accepted"),
    *rows(MANAGER, "api:architecture-decision-supersede", "post", "architecture_pk", by=2),
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
    **dict.fromkeys(
        [
            (f"api:{name}-list", "post")
            for name in (
                *("phase", "hypothesis", "deliverable", "fit-answer", "criterion", "decision"),
                *("stakeholder", "requirement", "value-case", "drift-report", "drift-reference"),
            )
        ]
        + [("api:decision-retire", "post"), ("api:gate-list", "get"), ("api:fit-answer-advice", "get")]
        + [("api:requirement-matrix", "get")],
        "the project is in the body or the query: test_api_bodies",
    ),
    **dict.fromkeys(
        [(f"api:{name}-list", "post") for name in ("dataset", "comparison", "baseline")],
        "the project is in the body: tests/api/test_comparisons.py",
    ),
    ("api:version-difference-list", "post"): "the data set is in the body: tests/datasets/test_api.py",
    **dict.fromkeys(
        [(f"api:{name}-list", "post") for name in ("expectation", "check")]
        + [("api:expectation-suggestions", method) for method in ("get", "post")],
        "the data set is in the body or the query: test_api_bodies",
    ),
    ("api:architecture-decision-list", "post"): "the project is in the body: tests/documents",
    ("api:requirement-stance", "put"): "the stakeholder is in the body: tests/api/test_requirements.py",
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
