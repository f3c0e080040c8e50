"""The settings of a protocol: checked, and completed from the roles of the columns."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.protocols.records import PROTOCOLS, Part, Protocol
from apps.compute.roles import ColumnRoles

MOST_VALUES = 100_000


def check_params(
    protocol: Protocol | str,
    params: Mapping[str, Any],
    columns: Collection[str],
    roles: ColumnRoles | None = None,
) -> dict[str, Any]:
    """``params`` in their stored form: columns by name, lists of texts, numbers; defaults filled in.

    Where ``roles`` are given, parts that nobody named are taken from them, and missing columns are missed;
    without, such parts may stay open. InputRejected: no such protocol, a setting that it does not have, a
    required one that is missing, a column that is not in ``columns``, a value of the wrong kind.
    """
    if isinstance(protocol, str):
        protocol = protocol_of(protocol)
    known = {part.key for part in protocol.parts}
    for key in params:
        if key not in known:
            raise InputRejected(
                "unknown_part", _UNKNOWN, given=str(key)[:60], protocol=Message(protocol.label),
                known=", ".join(sorted(known)),
            )  # fmt: skip
    complete = {}
    # Who names one of several optional parts, such as scores, does not mean the others, such as predictions.
    chosen = any(part.is_filled and not part.required and params.get(part.key) for part in protocol.parts)
    for part in protocol.parts:
        value = _value(part, params.get(part.key), set(columns))
        if value is None and part.is_filled and roles is not None and (part.required or not chosen):
            value = _from_roles(part, roles, columns)
        if value is None and part.required and not (part.is_filled and roles is None):
            raise InputRejected(
                "missing_part", _MISSING, part=Message(part.label), protocol=Message(protocol.label)
            )
        if value is not None:
            complete[part.key] = value
    return complete


def protocol_of(key: str) -> Protocol:
    """The protocol named ``key``; InputRejected if there is none."""
    if key not in PROTOCOLS:
        raise InputRejected("unknown_protocol", _NO_PROTOCOL, given=str(key)[:60], known=", ".join(PROTOCOLS))
    return PROTOCOLS[key]


def _from_roles(part: Part, roles: ColumnRoles, columns: Collection[str]) -> str | list[str] | None:
    having = [name for name, use in roles.items() if use.role is part.role and name in columns]
    if not having:
        return None
    return having if part.kind == "columns" else having[0]


def _value(part: Part, given: Any, columns: set[str]) -> Any:
    if given is None or given in ("", []):
        return part.default
    if part.kind == "number":
        return _number(part, given)
    if part.kind == "values":
        values = [line.strip() for line in given.splitlines()] if isinstance(given, str) else given
        return _texts(part, values)
    if part.kind == "columns":
        return [_column(part, name, columns) for name in _texts(part, given)]
    if part.kind == "column":
        return _column(part, given, columns)
    if part.choices and given not in part.choices:
        raise InputRejected(
            "wrong_part", _CHOICE, part=Message(part.label), given=str(given)[:60],
            known=", ".join(part.choices),
        )  # fmt: skip
    return str(given).strip()


def _number(part: Part, given: Any) -> float:
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    low = -math.inf if part.low is None else part.low
    high = math.inf if part.high is None else part.high
    if not math.isfinite(value) or not low <= value <= high:
        bounds: dict[str, Any] = {
            "low": "…" if part.low is None else part.low,
            "high": "…" if part.high is None else part.high,
        }
        raise InputRejected("wrong_part", _NUMBER, part=Message(part.label), given=str(given)[:60], **bounds)
    return value


def _texts(part: Part, given: Any) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if (
        not isinstance(texts, list | tuple)
        or len(texts) > MOST_VALUES
        or not all(isinstance(each, str | int | float) for each in texts)
    ):
        raise InputRejected("wrong_part", _LIST, part=Message(part.label))
    return list(dict.fromkeys(str(each) for each in texts if str(each) != ""))


def _column(part: Part, given: Any, columns: set[str]) -> str:
    if isinstance(given, list | tuple):
        raise InputRejected(
            "one_column", _ONE_GROUPING if part.key == "group" else _ONE_COLUMN, part=Message(part.label)
        )
    if not isinstance(given, str) or given not in columns:
        shown = ", ".join(sorted(columns)[:20])
        raise InputRejected(
            "missing_column", _NO_COLUMN, column=str(given)[:200], part=Message(part.label), columns=shown
        )
    return given


_NO_PROTOCOL = gettext_noop("There is no protocol “%(given)s”. Choose one of: %(known)s.")
_UNKNOWN = gettext_noop(
    "The protocol “%(protocol)s” has no setting “%(given)s”. It has: %(known)s. Correct the name or leave "
    "it out."
)
_MISSING = gettext_noop("The protocol “%(protocol)s” needs “%(part)s”. Name it.")
_NO_COLUMN = gettext_noop(
    "There is no column “%(column)s” for “%(part)s”. The file has: %(columns)s. Choose one of its columns."
)
_ONE_COLUMN = gettext_noop("“%(part)s” takes one column, not a list. Name one.")
_ONE_GROUPING = gettext_noop(
    "“%(part)s” takes one column, not a list: a row that is in several groups would count several times. "
    "Name one, or choose the protocol for identities, whose groups may overlap."
)
_NUMBER = gettext_noop("“%(part)s” must be a number from %(low)s to %(high)s, not “%(given)s”.")
_LIST = gettext_noop("“%(part)s” takes a list of texts.")
_CHOICE = gettext_noop("“%(part)s” cannot be “%(given)s”. Choose one of: %(known)s.")
