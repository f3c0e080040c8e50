"""PostgreSQL, Redis and RabbitMQ from Debian's packages, on free ports and in temporary folders.

They need nothing of the machine but the packages: whether the system's own services run does not matter.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kombu
import psycopg
import pytest

from apps.jobs.embedded.postgres import Postgres
from apps.jobs.embedded.process import Program, free_port
from tests.services import THROW_AWAY

POSTGRES_BINARIES = Path("/usr/lib/postgresql/15/bin")
REDIS = Path("/usr/bin/redis-server")
# The script behind /usr/sbin/rabbitmq-server, which would insist on the user and folders of the system.
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


@contextmanager
def postgresql_15(folder: Path) -> Iterator[str]:
    """Its database URL; the server is of the packages, not of the wheel."""
    require(POSTGRES_BINARIES / "postgres", "postgresql-15")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PG_BIN", str(POSTGRES_BINARIES))
        postgres = Postgres(folder, THROW_AWAY)
        program = postgres.prepare()
    with running(program, folder) as process:
        postgres.wait_until_ready(process)
        with psycopg.connect(postgres.url) as connection:
            assert connection.info.server_version // 10_000 == 15
        yield postgres.url


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Its broker URL."""
    require(REDIS, "redis-server")
    folder.mkdir()
    port = free_port()
    command = (str(REDIS), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "")
    with running(Program("redis", command), folder) as process:
        url = f"redis://127.0.0.1:{port}/0"
        wait_for_broker(url, process)
        yield url


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """Its broker URL."""
    require(RABBITMQ, "rabbitmq-server")
    folder.mkdir()
    (folder / "plugins").write_text("[].\n")
    port, names = free_port(), str(free_port())
    environment = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"mlsd{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        # Its own name server: the one that it would start by itself outlives it.
        "ERL_EPMD_PORT": names,
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    name_server = Program("epmd", ("epmd",), environment)
    server = Program(
        "rabbitmq", (str(RABBITMQ),), environment, stops=((signal.SIGTERM, 20.0),), orphaned=signal.SIGTERM
    )
    with running(name_server, folder), running(server, folder) as process:
        url = f"amqp://guest:guest@127.0.0.1:{port}//"
        wait_for_broker(url, process)
        yield url


def require(binary: Path, package: str) -> None:
    """These tests are asked for by name: where a server is missing they fail and do not skip."""
    if not os.access(binary, os.X_OK):
        pytest.fail(f"{binary} is missing. Install it: apt-get install {package}")


@contextmanager
def running(program: Program, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, with its output in a file of the folder."""
    with (folder / f"{program.name}.output").open("wb") as output:
        process = program.start(output=output)
    try:
        yield process
    finally:
        program.stop(process)


def wait_for_broker(url: str, process: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    """Return when the broker lets us in."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with kombu.Connection(url, connect_timeout=2) as connection:
                connection.ensure_connection(max_retries=1, timeout=2)
            return
        except (OSError, kombu.exceptions.KombuError):
            assert process.poll() is None, f"the broker ended with code {process.returncode}"
            assert time.monotonic() < deadline, "the broker does not answer"
            time.sleep(0.3)
