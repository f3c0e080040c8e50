"""Streaming uploads: bytes go to the storage disk while they are hashed, never whole into memory.

Only views that expect a file accept one (`StreamingUploadMixin`); everywhere else
``FILE_UPLOAD_HANDLERS`` is empty and the bytes of a file are dropped.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from apps.compute import disk
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets import storage


class IncomingFile(UploadedFile):  # type: ignore[type-arg]
    """A received file on disk. ``fault`` says why it cannot be kept; then ``path`` is None."""

    def __init__(self, name: str, size: int, sha256: str, path: Path | None, fault: InputRejected | None):
        super().__init__(file=None, name=name, size=size)
        self.sha256 = sha256
        self.path = path
        self.fault = fault

    def close(self) -> None:
        """Called at the end of the request: what was not adopted is deleted."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def incoming_from_path(path: Path, name: str = "") -> IncomingFile:
    """A local file as if it had been uploaded, under its own name or another; the file stays where it is."""
    copy = storage.new_incoming()
    digest = hashlib.sha256()
    with path.open("rb") as source, copy.open("wb") as target:
        while chunk := source.read(1024 * 1024):
            digest.update(chunk)
            target.write(chunk)
    storage.make_durable(copy)
    return IncomingFile(name or path.name, copy.stat().st_size, digest.hexdigest(), copy, None)


def disk_full(name: str | None) -> InputRejected:
    return InputRejected(
        "disk_full",
        gettext_noop(
            "The portal's disk is full, so “%(file)s” could not be kept. Nothing that was stored "
            "before is lost. Tell the administrator and send the file again later."
        ),
        file=name,
    )


class ContentAddressedUploadHandler(FileUploadHandler):
    """Writes and hashes. After a fault it goes on reading and drops the bytes, so that the client,
    which listens only when it has sent everything, gets the sentence that explains the fault."""

    chunk_size = 1024 * 1024

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        self._input = input_data

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._hash = hashlib.sha256()
        self._fault: InputRejected | None = None
        self._path: Path | None = None
        try:
            self._path = storage.new_incoming()
            self._out = self._path.open("wb")
        except OSError as error:
            self._fail(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._fault is not None:
            return
        if start + len(raw_data) > settings.MAX_UPLOAD_BYTES:
            self._reject(
                InputRejected(
                    "file_too_large",
                    gettext_noop(
                        "The file “%(file)s” is larger than %(limit)d MB, the limit of this portal. "
                        "Send it as Parquet, or compressed with zstd."
                    ),
                    file=self.file_name,
                    limit=settings.MAX_UPLOAD_BYTES // 1_000_000,
                )
            )
            return
        try:
            self._out.write(raw_data)
            self._hash.update(raw_data)
        except OSError as error:
            self._fail(error)

    def file_complete(self, file_size: int) -> IncomingFile:
        if self._fault is None and self._path is not None:
            try:
                self._out.flush()
                self._out.close()
                storage.make_durable(self._path)
            except OSError as error:
                self._fail(error)
        return IncomingFile(self.file_name or "", file_size, self._hash.hexdigest(), self._path, self._fault)

    def upload_complete(self) -> None:
        """A connection that broke looks like the end of the body to the parser: compare the lengths.

        The parser knows an unfinished file and the fields behind it no more, so the whole request is refused.
        """
        stream = getattr(self._input, "_stream", None)
        if stream is not None and stream._pos < stream.limit:
            raise InputRejected(
                "upload_truncated",
                gettext_noop(
                    "The upload ended after %(got)d of %(expected)d bytes. Nothing was kept; send it again."
                ),
                got=stream._pos,
                expected=stream.limit,
            )

    def upload_interrupted(self) -> None:
        if getattr(self, "_path", None) is not None:
            self._discard()

    def _fail(self, error: OSError) -> None:
        if not disk.is_full(error):
            self._discard()
            raise error
        self._reject(disk_full(self.file_name))

    def _reject(self, fault: InputRejected) -> None:
        self._fault = fault
        self._discard()

    def _discard(self) -> None:
        out = getattr(self, "_out", None)
        if out is not None:
            with contextlib.suppress(OSError):  # what is buffered does not fit on a full disk either
                out.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None


class StreamingUploadMixin:
    """For views that take files: installs the handler before anything reads the body."""

    def install_upload_handler(self, request: HttpRequest) -> None:
        request.upload_handlers = [ContentAddressedUploadHandler(request)]
