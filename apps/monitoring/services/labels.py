"""Labels that arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.datasets.uploads import IncomingFile
from apps.monitoring.models import LabelUpload, Monitor


def submit_labels(
    *,
    monitor: Monitor,
    user: User,
    upload: IncomingFile | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    id_column: str = "",
    label_column: str = "",
    sha256: str = "",
    idempotency_key: str = "",
    arrived_at: datetime | None = None,
) -> LabelUpload:
    """Keep labels and start the job that finds their batches."""
    raise NotImplementedError
