"""One child process: started so that it dies with its parent, stopped by asking before killing."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1
# Stands in the environment of every process that `up` started after the services.
SUPERVISED = "MLSD_SUPERVISED"


class ServiceError(Exception):
    """A service could not be started; the message says what to do."""


@dataclass(frozen=True)
class Program:
    """What to run and how to end it.

    `stops` lists (signal, seconds to wait after it); a process that outlives the last one is killed.
    `orphaned` is the signal that the kernel sends to the process when the supervisor dies.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: int | None = None
    group: int | None = None
    stops: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    orphaned: signal.Signals = signal.SIGTERM

    def start(self, output: int | IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start the process in its own session, so that a Ctrl-C in the terminal reaches the parent alone.

        Call it from a thread that lives on: Linux ties "the parent" to the thread that forked.
        """
        return subprocess.Popen(  # noqa: S603
            self.command,
            env={**os.environ, **self.environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,
            preexec_fn=die_with_parent(self.orphaned),
            user=self.user,
            group=self.group,
            extra_groups=[] if self.user is not None else None,
        )

    def stop(self, process: subprocess.Popen[bytes], hurried: Callable[[], bool] = lambda: False) -> None:
        """Ask with each signal in turn, then kill. `hurried` is asked while waiting: true cuts the wait."""
        for number, seconds in self.stops:
            if process.poll() is not None:
                return
            process.send_signal(number)
            deadline = time.monotonic() + seconds
            while process.poll() is None and time.monotonic() < deadline and not hurried():
                time.sleep(0.02)
        if process.poll() is None:
            process.kill()
            process.wait()


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A function for the child to call before exec: on Linux, the kernel then signals it when we die."""
    if sys.platform != "linux":
        return None
    # Loaded here and not in the child: between fork and exec only calls that take no lock are safe.
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(number)) and None


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def kept_secret(path: Path) -> str:
    """The secret in this file; on first use it is generated and written for the owner alone."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
        file.write(text)
    draft.replace(path)


def stop_leftover(pid_file: Path, folder: Path, number: signal.Signals, seconds: float = 30.0) -> None:
    """End the process that a killed supervisor left behind in this folder, and remove its stale pid file.

    A pid file may name a dead process, a zombie, or a stranger that was given the number since: only a
    live process that works in `folder` is ours.
    """
    if not pid_file.exists():
        return
    first_line = pid_file.read_text().partition("\n")[0].strip()
    process = running_in(int(first_line), folder) if first_line.isdigit() else None
    if process is not None:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired as error:
            raise ServiceError(
                f"Process {process.pid} of an earlier start still uses {folder} and does not stop. "
                f"End it (kill {process.pid}), then start again."
            ) from error
    pid_file.unlink(missing_ok=True)


def end_orphans(folder: Path) -> None:
    """Kill what a killed supervisor of this data folder left behind.

    The kernel signals its children, but a child that just starts may miss that, and grandchildren are not
    told. A job that dies here is taken up again.
    """
    for process in psutil.process_iter():
        try:
            told = process.environ()
            if SUPERVISED in told and told.get("MLSD_DATA_DIR") == str(folder):
                process.kill()
                process.wait(10)
        except psutil.Error:  # gone, a zombie, or another user's
            continue


def running_in(pid: int, folder: Path) -> psutil.Process | None:
    """The live process with this pid whose working folder is `folder`, or None."""
    try:
        process = psutil.Process(pid)
        return process if Path(process.cwd()) == folder.resolve() else None
    except psutil.Error:  # gone, a zombie, or another user's
        return None
