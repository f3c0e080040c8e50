"""Texts that share most of their shingles, by MinHash and banding (Broder 1997; Leskovec et al. 2020, ch.
3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.compute.faults.duplicates import Rows

SHINGLE = 5  # characters
#: The share of shingles that two texts must have in common (Jaccard).
LIKENESS = 0.8
#: A pair at `LIKENESS` is missed with a chance of (1 - 0.8^4)^16 = 0.0002.
BANDS = 16
PER_BAND = 4
#: A text is compared by so many characters, and all texts by so many together.
MOST_CHARACTERS = 2_000
MOST_IN_ALL = 20_000_000
REACH = 20
_BLOCK = 100_000  # characters hashed at once, which fit into the cache of a core
_BASE = np.uint64(0x100000001B3)
_BLANKS = re.compile(r"\s+")


def plain(text: str) -> str:
    """Lower case with single blanks: what is compared."""
    return _BLANKS.sub(" ", text).strip().lower()


def shingles(text: str) -> set[str]:
    """The pieces of `SHINGLE` characters of a plain text; a shorter text is one piece, an empty one none."""
    if len(text) <= SHINGLE:
        return {text} if text else set()
    return {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}


def similar_pairs(texts: Sequence[str], rng: np.random.Generator) -> tuple[Rows, Rows, int]:
    """Positions of pairs whose shingles are alike by `LIKENESS` or more, each candidate checked exactly; and
    how many texts were cut to fit. Within one band a text is compared with the next `REACH` texts of its
    bucket, so many texts of one wording hang together as a chain.
    """
    most = MOST_CHARACTERS
    words = [plain(text) for text in texts]
    total = sum(min(len(word), most) for word in words)
    if total > MOST_IN_ALL:
        most = max(SHINGLE, MOST_IN_ALL // len(words))
    cut = sum(len(word) > most for word in words)
    words = [word[:most] for word in words]
    rows = np.array([row for row, word in enumerate(words) if word], dtype=np.intp)
    signature = _signatures([words[row] for row in rows], rng)
    found: set[tuple[int, int]] = set()
    checked: set[tuple[int, int]] = set()
    pieces: dict[int, set[str]] = {}
    for band in range(BANDS):
        for pair in _bucket_pairs(signature[band * PER_BAND : (band + 1) * PER_BAND]):
            if pair in checked:
                continue
            checked.add(pair)
            one, other = (pieces.setdefault(at, shingles(words[rows[at]])) for at in pair)
            if len(one & other) >= LIKENESS * len(one | other):
                found.add(pair)
    ordered = np.array(sorted(found), dtype=np.intp).reshape(-1, 2)
    return rows[ordered[:, 0]], rows[ordered[:, 1]], cut


def _signatures(texts: Sequence[str], rng: np.random.Generator) -> NDArray[np.uint64]:
    """Shape (BANDS x PER_BAND, n): the least of each hash function over the shingles of each text."""
    functions = BANDS * PER_BAND
    factor = rng.integers(1, 2**63, functions, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    mask = rng.integers(0, 2**63, functions, dtype=np.uint64)
    signature = np.empty((functions, len(texts)), np.uint64)
    start = 0
    while start < len(texts):
        stop, size = start, 0
        while stop < len(texts) and (size < _BLOCK or stop == start):
            size += max(len(texts[stop]), SHINGLE)
            stop += 1
        hashes, starts = _shingle_hashes([text.ljust(SHINGLE) for text in texts[start:stop]])
        for number in range(functions):
            mixed = (hashes ^ mask[number]) * factor[number]
            mixed ^= mixed >> np.uint64(32)
            signature[number, start:stop] = np.minimum.reduceat(mixed, starts)
        start = stop
    return signature


def _shingle_hashes(texts: Sequence[str]) -> tuple[NDArray[np.uint64], Rows]:
    """The hashes of all shingles, text after text, and where those of each text begin."""
    joined = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    rolled = np.zeros(len(joined) - SHINGLE + 1, np.uint64)
    for at in range(SHINGLE):
        rolled = rolled * _BASE + joined[at : at + len(rolled)]
    lengths = np.array([len(text) for text in texts])
    own = np.ones(len(joined), bool)  # shingles that do not reach into the next text
    ends = np.cumsum(lengths)
    for back in range(1, SHINGLE):
        own[ends - back] = False
    counts = lengths - SHINGLE + 1
    return rolled[own[: len(rolled)]], np.cumsum(counts) - counts


def _bucket_pairs(band: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Pairs of positions whose rows of the signature are equal."""
    if band.shape[1] < 2:
        return []
    key = np.zeros(band.shape[1], np.uint64)
    for row in band:
        key = (key ^ row) * _BASE
        key ^= key >> np.uint64(29)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    pairs = []
    for step in range(1, min(REACH, len(order) - 1) + 1):
        at = np.flatnonzero(ordered[step:] == ordered[:-step])
        if not len(at):
            break
        pairs += list(zip(order[at].tolist(), order[at + step].tolist(), strict=True))
    return pairs
