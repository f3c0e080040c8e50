"""What a record of a protocol is, and the parts that several protocols have."""

from __future__ import annotations

from dataclasses import dataclass

from apps.compute.messages import gettext_noop
from apps.compute.roles import Role

#: Roles that fill a part by themselves; columns of other roles are only proposed.
FILLING = frozenset({Role.ID, Role.TARGET, Role.PREDICTION, Role.PROBABILITY, Role.STD, Role.QUERY})


@dataclass(frozen=True, slots=True)
class Part:
    """One setting of a protocol. ``label`` and ``help`` are message ids.

    ``kind`` is ``"column"``, ``"columns"``, ``"values"`` (texts), ``"number"`` or ``"text"``. Columns of the
    ``role`` are proposed, and taken where nothing is given and the role is in `FILLING`. ``low`` and ``high``
    bound a number, ``choices`` a text.
    """

    key: str
    label: str
    kind: str
    role: Role | None = None
    required: bool = True
    default: float | str | None = None
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_filled(self) -> bool:
        return self.role in FILLING


@dataclass(frozen=True, slots=True)
class Protocol:
    """``metrics`` are keys of `METRICS`, ``main`` the one that says most. ``module`` has the function
    ``judge(given) -> ProtocolResult``; heavy, for workers. ``is_wide``: truth and predictions are read side
    by side by id, because they have the same columns.
    """

    key: str
    label: str
    family: str
    description: str
    parts: tuple[Part, ...]
    metrics: tuple[str, ...]
    main: str
    source: str
    module: str
    is_wide: bool = False

    def part(self, key: str) -> Part:
        """The part named ``key``; KeyError if there is none."""
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)


TRUTH = Part("truth", gettext_noop("Truth"), "column", Role.TARGET)
PREDICTION = Part("prediction", gettext_noop("Prediction"), "column", Role.PREDICTION)
GROUP = Part(
    "group",
    gettext_noop("Groups"),
    "column",
    Role.SLICE,
    help=gettext_noop("The column that says to which group a row belongs."),
)
