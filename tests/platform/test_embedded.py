"""The embedded services: what survives, what is refused, what is cleaned up."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from apps.jobs.embedded.portal import choose_port, only_one
from apps.jobs.embedded.postgres import Postgres
from apps.jobs.embedded.process import Program, ServiceError, free_port, kept_secret
from apps.jobs.embedded.valkey import Valkey
from tests.services import ROOT, THROW_AWAY


def test_postgres_recovers_after_a_kill(tmp_path: Path) -> None:
    """Committed rows survive SIGKILL of the server, and its stale lock file does not stop the next start."""
    postgres = Postgres(tmp_path / "postgres", {"full_page_writes": "on"})
    program = postgres.prepare()
    process = program.start(subprocess.DEVNULL)
    postgres.wait_until_ready(process)
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    process.kill()
    process.wait()
    assert (postgres.data / "postmaster.pid").exists()

    again = Postgres(tmp_path / "postgres")
    program = again.prepare()
    process = program.start(subprocess.DEVNULL)
    try:
        again.wait_until_ready(process)
        with psycopg.connect(again.url) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
            assert connection.execute("SELECT upper('ёж')").fetchone() == ("ЁЖ",)
    finally:
        program.stop(process)
    assert process.returncode == 0


def test_postgres_wants_its_password(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", THROW_AWAY)
    program = postgres.prepare()
    process = program.start(subprocess.DEVNULL)
    try:
        postgres.wait_until_ready(process)
        wrong = postgres.url.replace(kept_secret(postgres.folder / "password"), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    finally:
        program.stop(process)
    assert stat.S_IMODE((postgres.folder / "password").stat().st_mode) == 0o600


def test_leftover_server_is_stopped_first(tmp_path: Path) -> None:
    """A supervisor that was killed may leave a server: the next start ends it instead of failing."""
    first = Postgres(tmp_path / "postgres", THROW_AWAY)
    leftover = first.prepare().start(subprocess.DEVNULL)
    first.wait_until_ready(leftover)
    Postgres(tmp_path / "postgres").prepare()
    assert leftover.wait(timeout=5) == 0


def test_data_of_another_version_are_refused(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", THROW_AWAY)
    postgres.prepare()
    (postgres.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServiceError, match="were made by PostgreSQL 12"):
        postgres.prepare()


def test_valkey_keeps_messages(tmp_path: Path) -> None:
    for expected in (None, b"waits"):
        valkey = Valkey(tmp_path / "valkey")
        program = valkey.prepare()
        process = program.start(subprocess.DEVNULL)
        try:
            valkey.wait_until_ready(process)
            with redis.Redis.from_url(valkey.url) as client:
                assert client.get("message") == expected
                client.set("message", "waits")
            with (
                redis.Redis(port=valkey.port) as stranger,
                pytest.raises(redis.exceptions.AuthenticationError),
            ):
                stranger.ping()
        finally:
            program.stop(process)


def test_second_start_names_the_first(tmp_path: Path) -> None:
    with only_one(tmp_path) as lock_file:
        lock_file.write_text('{"pid": 1234, "address": "http://127.0.0.1:8123"}')
        second = subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**os.environ, "MLSD_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert "is running already: http://127.0.0.1:8123 (process 1234)" in second.stdout
    with only_one(tmp_path):
        pass  # the lock went with its holder


def test_port_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        monkeypatch.setenv("MLSD_PORT", str(taken))
        with pytest.raises(ServiceError, match=f"Port {taken} cannot be used"):
            choose_port("127.0.0.1")
    free = free_port()
    monkeypatch.setenv("MLSD_PORT", str(free))
    assert choose_port("127.0.0.1") == free


def test_stop_asks_before_it_kills() -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); time.sleep(60)"
    program = Program("stubborn", (sys.executable, "-u", "-c", stubborn), stops=((signal.SIGTERM, 0.2),))
    process = program.start(subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    program.stop(process)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL


def test_child_dies_with_its_parent() -> None:
    """The parent is killed, so it can tell nobody: the kernel does."""
    parent = (
        "import subprocess, sys, time; from apps.jobs.embedded.process import Program;"
        "child = Program('child', ('sleep', '60')).start(subprocess.DEVNULL);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.stdout.close()
    process.kill()
    process.wait()
    try:
        psutil.Process(child).wait(timeout=5)
    except psutil.NoSuchProcess:
        return
