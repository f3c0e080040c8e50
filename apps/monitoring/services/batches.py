"""Batches that arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.datasets.uploads import IncomingFile
from apps.monitoring.models import Batch, Monitor


@dataclass(frozen=True, slots=True)
class Accepted:
    """``repeated``: the portal had this batch already, and nothing was started."""

    batch: Batch
    repeated: bool


def submit_batch(
    *,
    monitor: Monitor,
    user: User,
    upload: IncomingFile | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    replace: bool = False,
    sha256: str = "",
    idempotency_key: str = "",
    arrived_at: datetime | None = None,
) -> Accepted:
    """Keep a batch and start its check."""
    raise NotImplementedError
