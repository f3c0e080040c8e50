"""What is computed of one run, kept while the pairs of one metric are gone through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """Pairs are asked metric by metric, so what belongs to the metric before is dropped: an array for each
    run and each metric would not fit into memory.
    """

    def __init__(self) -> None:
        self._key = ""
        self._of_run: dict[int, T] = {}

    def of(self, key: str, run: int, make: Callable[[], T]) -> T:
        if key != self._key:
            self._key, self._of_run = key, {}
        if run not in self._of_run:
            self._of_run[run] = make()
        return self._of_run[run]
