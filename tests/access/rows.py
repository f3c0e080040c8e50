"""What a row of the access table is. Each app may keep its rows beside its part of the world."""

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
    """One method of one route. ``kwargs`` are the parts of its address: names of `World.kwargs`, or
    "part=name" where the name there is another.
    """

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
