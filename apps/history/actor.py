"""Tells the database who is at work, so that the trail of a change can name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse

from apps.history.models import ACTOR_SETTING

_WRITES = ("INSERT", "UPDATE", "DELETE")
_SET = f"SELECT set_config('{ACTOR_SETTING}', %s, false)"


class ActorMiddleware:
    """Names the asker before each statement that writes, and nobody when the request has ended.

    Before each one: a transaction that is rolled back takes the name back with it. The person is looked up
    when the statement runs, because the API knows its user later than this middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        named = False

        def name_actor(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal named
            if sql.startswith(_WRITES):
                actor = request.user.pk if request.user.is_authenticated else ""
                context["cursor"].cursor.execute(_SET, [str(actor)])
                named = True
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(name_actor):
                return self.get_response(request)
        finally:
            if named and not connection.needs_rollback:
                _name_nobody()


def _name_nobody() -> None:
    """The connection serves the next request too. One that was lost has forgotten the name by itself."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SET, [""])
    except (DatabaseError, InterfaceError):
        connection.close()
