"""A portal of its own for tests that kill things: PostgreSQL, Valkey, a worker and beat as real processes."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import redis
from django.db import connections

from apps.jobs.embedded.portal import wait_for_web, web
from apps.jobs.embedded.postgres import Postgres
from apps.jobs.embedded.process import Program, free_port
from apps.jobs.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
# Seconds, so that a test sees in moments what takes minutes in production.
LEASE_SECONDS = 3
SWEEP_SECONDS = 1


class Stack:
    """The services of one test; each can be killed and started again on its port and data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres", {"fsync": "off"})
        self.valkey = Valkey(folder / "valkey")
        self.web_port = free_port()
        self.running: dict[str, tuple[Program, subprocess.Popen[bytes]]] = {}
        self.log = folder / "output.log"
        self.log.touch()

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MLSD_DATA_DIR": str(self.folder),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(32),
            "DATABASE_URL": self.postgres.url,
            "CELERY_BROKER_URL": self.valkey.url,
            "MLSD_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "MLSD_JOB_SWEEP_SECONDS": str(SWEEP_SECONDS),
            "MLSD_JOB_MEMORY_BYTES": str(1024**3),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "default",
        }

    def start_postgres(self) -> None:
        self._start("postgres", self.postgres.prepare(), self.postgres.wait_until_ready)

    def start_valkey(self) -> None:
        self._start("valkey", self.valkey.prepare(), self.valkey.wait_until_ready)

    def start_worker(self) -> None:
        printed = self.log.stat().st_size
        self._start(
            "worker",
            self._celery(
                *("worker", "--queues", "short,long,report", "--concurrency", "2"),
                *("--include", "tests.faults.tasks", "--loglevel", "INFO"),
                *("--without-mingle", "--without-gossip"),
            ),
            lambda process: self._wait_for_worker(process, printed),
        )

    def start_beat(self) -> None:
        schedule = str(self.folder / "beat")
        self._start("beat", self._celery("beat", "--schedule", schedule, "--pidfile", ""))

    def start_web(self) -> None:
        self._start(
            "web",
            replace(web("127.0.0.1", self.web_port), environment=self.environment),
            lambda process: wait_for_web(process, "127.0.0.1", self.web_port),
        )

    def _celery(self, *arguments: str) -> Program:
        return Program(
            name=arguments[0],
            command=(sys.executable, "-m", "celery", "--app", "mlsd_portal", *arguments),
            environment=self.environment,
            folder=ROOT,
        )

    def _start(
        self,
        name: str,
        program: Program,
        ready: Callable[[subprocess.Popen[bytes]], None] | None = None,
    ) -> None:
        with self.log.open("ab") as log:
            process = program.start(output=log)
        self.running[name] = (program, process)
        if ready is not None:
            ready(process)

    def _wait_for_worker(self, process: subprocess.Popen[bytes], printed: int) -> None:
        def ready() -> bool:
            log = self.log.read_bytes()[printed:].decode(errors="replace")
            assert process.poll() is None, f"The worker ended:\n{log[-3000:]}"
            return bool(re.search(r"@\S+ ready\.", log))

        wait_for(ready, what="the worker to be ready")

    def heal(self) -> None:
        """Start whatever an earlier test has ended."""
        starts = {
            "postgres": self.start_postgres,
            "valkey": self.start_valkey,
            "worker": self.start_worker,
            "beat": self.start_beat,
        }
        for name, start in starts.items():
            if name not in self.running or self.running[name][1].poll() is not None:
                start()

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal that it can handle, and return its exit code."""
        _, process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(timeout=60)

    def kill(self, name: str, *, children: bool = False) -> None:
        """SIGKILL the process, with its children when asked."""
        _, process = self.running.pop(name)
        victims = psutil.Process(process.pid).children(recursive=True) if children else []
        process.kill()
        process.wait()
        for victim in victims:
            if victim.is_running():
                victim.kill()
        psutil.wait_procs(victims, timeout=10)

    def kill_children(self, name: str) -> None:
        """SIGKILL every child of the process and leave the process itself alone."""
        _, process = self.running[name]
        for child in psutil.Process(process.pid).children():
            child.send_signal(signal.SIGKILL)

    def pause(self, name: str) -> None:
        """Let the process hang: it keeps its connections and answers nothing."""
        self.running[name][1].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.running[name][1].send_signal(signal.SIGCONT)

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity", "0"],
            cwd=ROOT,
            env=self.environment,
            check=True,
        )

    def connection_settings(self) -> dict[str, Any]:
        """What differs in Django's database settings for this stack."""
        url = urlsplit(self.postgres.url)
        return {
            "NAME": url.path.lstrip("/"),
            "USER": url.username,
            "PASSWORD": url.password,
            "HOST": url.hostname,
            "PORT": str(url.port),
            "OPTIONS": {},
        }

    def close(self) -> None:
        connections.close_all()
        for name in reversed(list(self.running)):
            self.kill(name, children=name in ("worker", "web"))


def wait_for(condition: Callable[[], Any], *, seconds: float = 60.0, what: str) -> Any:
    """Return the first true value of the condition; fail with ``what`` when it takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"Waited {seconds:.0f} s for {what}.")
