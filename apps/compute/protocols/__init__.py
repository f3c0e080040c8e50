"""Evaluation under distribution shift by named protocols. Importing this is light; judging is for workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from apps.compute.messages import Message, gettext_noop
from apps.compute.protocols.params import check_params, protocol_of
from apps.compute.protocols.records import PROTOCOLS, Part, Protocol
from apps.compute.protocols.result import ProtocolResult
from apps.compute.roles import ColumnRoles

__all__ = ["PROTOCOLS", "Part", "Protocol", "ProtocolResult", "Tables", "check_params", "judge"]

Progress = Callable[[Message, float], None]

_READING = Message(gettext_noop("Reading the file"))


class Tables(NamedTuple):
    """Normalised Parquet files. ``joined`` has truth and predictions of a run; ``predictions`` and ``truth``
    are what was joined. A file that carries its own truth has none: ``truth`` is None.
    """

    joined: Path
    predictions: Path
    truth: Path | None = None


def _quiet(_message: Message, _share: float) -> None:
    pass


def judge(
    key: str,
    tables: Tables,
    params: Mapping[str, Any],
    *,
    roles: ColumnRoles,
    seed: int = 0,
    progress: Progress = _quiet,
) -> ProtocolResult:
    """Judge a run by the protocol ``key``.

    The result depends on the files, ``params``, ``roles`` and ``seed`` alone.

    InputRejected: see `check_params` and the module of the protocol.
    """
    protocol = protocol_of(key)
    progress(_READING, 0.0)
    module = import_module(protocol.module)
    given = import_module("apps.compute.protocols.given").Given(
        protocol, tables, params, roles, seed=seed, progress=progress
    )
    result: ProtocolResult = module.judge(given)
    return result
