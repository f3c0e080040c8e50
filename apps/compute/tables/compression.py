"""Bounded decompression: no more than a megabyte or so in memory, no more on disk than allowed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import zstandard

from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.tables.limits import Limits

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
CHUNK = 2**20
#: zstd can pack 128 KiB into 4 bytes; a small input keeps what one step can produce near 32 MiB.
ZSTD_INPUT = 2**10


class Compression(StrEnum):
    NONE = "none"
    GZIP = "gz"
    ZSTD = "zst"


def compression_of(head: bytes) -> Compression:
    """The compression that the first bytes of a file announce."""
    if head.startswith(GZIP_MAGIC):
        return Compression.GZIP
    if head.startswith(ZSTD_MAGIC):
        return Compression.ZSTD
    return Compression.NONE


def read_head(path: Path, compression: Compression, size: int) -> bytes:
    """The first ``size`` bytes of the decompressed content (fewer when it is shorter)."""
    head = b""
    for chunk in _chunks(path, compression):
        head += chunk
        if len(head) >= size:
            break
    return head[:size]


def decompress(source: Path, target: Path, compression: Compression, limits: Limits) -> None:
    """Write the decompressed content of ``source`` to ``target``, rejecting a decompression bomb."""
    compressed = source.stat().st_size
    by_ratio = max(limits.ratio_from_bytes, compressed * limits.max_ratio)
    written = 0
    with target.open("wb") as out:
        for chunk in _chunks(source, compression):
            written += len(chunk)
            if written > min(by_ratio, limits.max_bytes):
                raise InputRejected(
                    "decompression_bomb",
                    gettext_noop(
                        "The file has %(compressed)s bytes and unpacks to more than %(limit)s, which is "
                        "more than is accepted. Split it, or send it as Parquet."
                    ),
                    compressed=compressed,
                    limit=min(by_ratio, limits.max_bytes),
                )
            out.write(chunk)


def _chunks(path: Path, compression: Compression) -> Iterator[bytes]:
    if compression is Compression.GZIP:
        return _gzip_chunks(path)
    if compression is Compression.ZSTD:
        return _zstd_chunks(path)
    return _plain_chunks(path)


def _plain_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk


def _gzip_chunks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk
    except EOFError as error:
        raise _truncated("gzip") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _broken("gzip") from error


def _zstd_chunks(path: Path) -> Iterator[bytes]:
    """All frames of a zstd file. A decompressobj, as stream readers pass over a cut-off frame in silence."""
    decompressor = zstandard.ZstdDecompressor()
    frame = decompressor.decompressobj()
    started = False
    try:
        with path.open("rb") as source:
            while data := source.read(ZSTD_INPUT):
                while data:
                    if frame.eof:
                        frame = decompressor.decompressobj()
                    started = True
                    if chunk := frame.decompress(data):
                        yield chunk
                    data = frame.unused_data if frame.eof else b""
    except zstandard.ZstdError as error:
        raise _broken("zstd") from error
    if started and not frame.eof:
        raise _truncated("zstd")


def _truncated(kind: str) -> InputRejected:
    return InputRejected(
        "truncated_compression",
        gettext_noop(
            "The %(kind)s file ends too early: a part of it is missing. Compress and send it again."
        ),
        kind=kind,
    )


def _broken(kind: str) -> InputRejected:
    return InputRejected(
        "broken_compression",
        gettext_noop("The %(kind)s file is damaged and cannot be unpacked. Compress and send it again."),
        kind=kind,
    )
