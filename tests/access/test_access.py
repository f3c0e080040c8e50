"""Walks every route against everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.compute.results import EvaluationResult, Task
from apps.projects.models import Membership, Role
from tests.access.analysis import make_analysis
from tests.access.compared import make_compared
from tests.access.design import make_design
from tests.access.drift import make_drift
from tests.access.faults import make_faults
from tests.access.ledger import make_ledger
from tests.access.life import make_life
from tests.access.monitoring import make_monitoring
from tests.access.notifications import make_notifications
from tests.access.releases import make_releases
from tests.access.table import ELSEWHERE, TABLE, Anyone, Row
from tests.factories import make_file, make_job, make_member, make_project, make_run, make_token, make_user

pytestmark = pytest.mark.django_db  # pytest-django makes a database only for marked tests
METHODS = ("get", "post", "put", "patch", "delete")


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str]]:
    """Every (name, method) of the URLconf."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, inner)
        else:
            yield from ((f"{namespace}{entry.name or '?'}", method) for method in methods_of(entry))


def methods_of(entry: URLPattern) -> list[str]:
    if actions := getattr(entry.callback, "actions", None):
        return [method for method in actions if method in METHODS]
    view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
    if view is None:
        return ["func"]
    allowed = {name.lower() for name in view.http_method_names}
    if hasattr(view, "pattern_name"):
        return ["get"]  # a redirect answers every method in the same way
    return [method for method in METHODS if method in allowed and hasattr(view, method)]


def test_every_route_has_a_row() -> None:
    known = {(row.route, row.method) for row in TABLE} | set(ELSEWHERE)
    found = set(routes(get_resolver()))
    assert found - known == set(), "routes without a row in the access table"
    assert known - found == set(), "rows for routes that are not there"


@dataclass
class World:
    people: dict[str, User]
    clients: dict[str, Client]
    kwargs: dict[str, Any]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once, since every request is rolled back; nothing of it stays in the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> World:
    project = make_project()
    people = {
        "outsider": make_user(),
        **{role.value: make_member(project, role) for role in Role},
        "admin": make_user(is_superuser=True),
    }
    file, job = make_file(project), make_job(project)
    result = EvaluationResult(task=Task.BINARY, n=0, metrics=())
    # Only what was evaluated can be downloaded.
    run = make_run(project, task=result.task.value, result=result.to_json())
    for user in people.values():  # without second factors their pages are not there for anybody
        factors = {"totp": {"secret": "A" * 32}, "recovery_codes": {"seed": "0" * 40, "used_mask": 0}}
        for kind, data in factors.items():
            Authenticator.objects.create(user=user, type=kind, data=data)
    member = Membership.objects.get(user=people["viewer"])
    kwargs = {
        "project": project.slug,
        "slug": project.slug,
        "file": file.pk,
        "file_pk": file.pk,
        "job": job.pk,
        "job_pk": job.pk,
        "number": run.number,
        "run_pk": run.pk,
        "member": member.pk,
        "person": make_user().pk,
        **make_compared(project, run),
        **make_analysis(project, run),
        **make_faults(project, run),
        **make_ledger(project),
        **make_life(project),
        "gate": "delivery",
        "question": "patterns",
        **make_design(project),
        **make_drift(project),
        **make_releases(project),
        **make_notifications(project),
        **make_monitoring(project),
        "uidb36": "1",
        "key": "none",
    }
    clients: dict[str, Client] = {"anonymous": APIClient()}
    for name, user in people.items():
        clients[name] = client = APIClient()
        client.force_login(user)
    for scope in ("read", "write"):
        clients[f"{scope} token"] = client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(people['owner'], scope)}")
    clients["viewer's write token"] = client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(people['viewer'], 'write')}")
    return World(people, clients, kwargs)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Everybody asks in the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(world: World, row: Row, who: str) -> Any:
    kwargs = {}
    for entry in row.kwargs:
        name, _, source = entry.partition("=")
        kwargs["pk" if name.endswith("_pk") else name] = world.kwargs[source or name]
    if row.route == "accounts:person":
        kwargs = {"pk": world.kwargs["person"]}
    address = reverse(row.route, kwargs=kwargs)
    client = world.clients[who]
    kind = "json" if row.is_api else "multipart"
    if row.method in ("get", "delete"):
        return getattr(client, row.method)(address)
    return getattr(client, row.method)(address, row.data, format=kind)


def outcome(answer: Any) -> str:
    """What the answer means for access."""
    if answer.status_code == 302 and "/accounts/login/" in answer["Location"]:
        return "sign in"
    return {401: "sign in", 403: "forbidden", 404: "not there"}.get(answer.status_code, "let in")


def expected(row: Row, who: str) -> str:
    if row.needs == Anyone.PUBLIC:
        return "let in"
    if who == "anonymous":
        return "sign in"
    if who.endswith("token"):
        if not row.route.startswith("api"):
            return "sign in"  # tokens are for the API only
        if who == "viewer's write token":
            return expected(row, "viewer")
        return "forbidden" if who == "read token" and row.method != "get" else "let in"
    if who == "admin" or row.needs == Anyone.SIGNED_IN:
        return "let in"
    if row.needs == Anyone.ADMIN:
        return "forbidden"
    if who == "outsider":
        return "not there"
    order = list(Role)
    return "let in" if order.index(Role(who)) >= order.index(Role(row.needs)) else "forbidden"


WHO = [
    "anonymous",
    "outsider",
    *[role.value for role in Role],
    "admin",
    "read token",
    "write token",
    "viewer's write token",
]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_access(world: World, row: Row) -> None:
    answers = {}
    for who in WHO:
        with rolled_back():
            answer = ask(world, row, who)
            if answer.streaming:
                answer.getvalue()  # which closes the file
        assert answer.status_code < 500, f"{who}: {answer.status_code}"
        answers[who] = outcome(answer)
    assert answers == {who: expected(row, who) for who in WHO}


REFUSED = {"viewer", "read token", "viewer's write token"}


@pytest.mark.parametrize("address", ["/api/v1/runs/", "/api/v1/files/"])
@pytest.mark.parametrize("who", WHO)
def test_submitting(world: World, address: str, who: str) -> None:
    """The project is named in the body, and an outsider does not learn that it is there."""
    data = {"project": world.kwargs["project"], "file": SimpleUploadedFile("a.csv", b"y_true,y_pred\n1,0\n")}
    with rolled_back():
        answer = world.clients[who].post(address, data, format="multipart")
    wanted = {"anonymous": 401, "outsider": 404}.get(who, 403 if who in REFUSED else 202)
    assert answer.status_code == wanted, answer.content
