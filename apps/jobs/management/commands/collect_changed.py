"""Collect the static files, when one of them is not the one of last time."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Collect and compress the static files, which takes seconds, when a source file changed."

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.STATIC_ROOT)
        root.mkdir(parents=True, exist_ok=True)
        stamp = root.with_name(f"{root.name}.sources")
        with stamp.open("a+") as file:
            # Processes that start together wait here for the one that collects.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            now = sources()
            if file.read() == now:
                return
            self.stdout.write("Collecting static files")
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            file.truncate(0)
            file.write(now)


def sources() -> str:
    """A fingerprint of every static file by path, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
