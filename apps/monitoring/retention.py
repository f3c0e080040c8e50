"""Raw batches are kept for a set time; what was measured in them stays."""

from __future__ import annotations


def remove_old() -> None:
    raise NotImplementedError
