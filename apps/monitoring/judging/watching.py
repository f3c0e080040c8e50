"""What time alone brings about: silence, snoozes that end, monitors whose message was lost."""

from __future__ import annotations


def watch() -> None:
    raise NotImplementedError
