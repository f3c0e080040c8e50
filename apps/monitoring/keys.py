"""Which ids a table has, as hashes that are small, sorted and kept: ids are looked for in many tables.

A key is the first 8 bytes of the BLAKE2b of the id's text, so it is the same in every process and version.
Two ids of 10 million share a key with a probability of 3e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.join import id_key
from apps.datasets import storage

#: Sorted, each once.
Keys = NDArray[np.uint64]


def kept_keys(sha256: str, column: str, ids: Callable[[], Iterable[str]]) -> Keys:
    """The keys of the ids in a column of this content; ``ids`` is asked when they are not kept yet."""
    kept = storage.keys_path(sha256, column)
    if kept.exists():
        try:
            keys: Keys = np.load(kept, allow_pickle=False)
        except (OSError, ValueError, EOFError):  # removed meanwhile, or cut off by a power cut: made again
            pass
        else:
            return keys
    keys = np.unique(each_key(ids()))
    with storage.work_folder() as folder:
        made = folder / "keys.npy"
        np.save(made, keys)
        storage.publish_keys(made, sha256, column)
    return keys


def each_key(ids: Iterable[str]) -> NDArray[np.uint64]:
    """The key of each id; ids are text as of `compute.join.id_key`."""
    digests = b"".join([blake2b(text.encode(), digest_size=8).digest() for text in ids])
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def places(few: Keys, many: Keys) -> NDArray[np.intp]:
    """Where in ``many`` those keys are that ``few`` has too."""
    if not len(few) or not len(many):
        return np.empty(0, np.intp)
    found = np.minimum(np.searchsorted(many, few), len(many) - 1)
    is_there: NDArray[np.bool_] = many[found] == few
    return found[is_there]


def ids_in(table: Path, column: str) -> list[str]:
    """The ids in a column of a normalised table, as text; none when it has no such column."""
    frame = pl.scan_parquet(table, glob=False)
    schema = frame.collect_schema()
    if column not in schema:
        return []
    return frame.select(id_key(column, schema, as_text=True)).collect().to_series().drop_nulls().to_list()
