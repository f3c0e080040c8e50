"""`manage.py up`: the whole portal on one machine, from an empty folder to an address to open."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .postgres import Postgres
from .process import SUPERVISED, Program, ServiceError, end_orphans, kept_secret, write_private
from .supervisor import Supervisor
from .valkey import Valkey

ROOT = Path(__file__).resolve().parents[3]
DEFAULT_PORT = 8000
DEFAULT_STOP_SECONDS = 60.0
PORTS_TO_TRY = 100


def main() -> int:
    """Run until a signal. Returns the exit code: 0 after a clean stop, 1 when it could not start."""
    folder = Path(os.environ.get("MLSD_DATA_DIR", ROOT / "var")).expanduser().resolve()
    try:
        with only_one(folder) as lock_file:
            run(folder, lock_file)
    except ServiceError as error:
        say("up", str(error))
        return 1
    except KeyboardInterrupt:
        say("up", "Stopped.")
    return 0


def run(folder: Path, lock_file: Path) -> None:
    """Start everything in order and look after it."""
    os.environ["MLSD_DATA_DIR"] = str(folder)
    os.chdir(ROOT)
    end_orphans(folder)
    host = os.environ.get("MLSD_HOST", "127.0.0.1")
    port = choose_port(host)
    address = os.environ.get("MLSD_BASE_URL", f"http://localhost:{port}")
    lock_file.write_text(json.dumps({"pid": os.getpid(), "address": address}))
    sign_in = folder / "first-sign-in.txt"
    known = sign_in.exists()
    with Supervisor(say) as supervisor:
        postgres, valkey = start_services(supervisor, folder)
        write_environment(folder, address, postgres, valkey)
        os.environ[SUPERVISED] = "1"
        supervisor.run_once(manage("setup", "prepare", "--demo"))
        for program in workers(folder):
            supervisor.add(lambda program=program: program)  # type: ignore[misc]
        supervisor.add(lambda: web(host, port), lambda process: wait_for_web(process, host, port))
        announce(address, sign_in, known)
        try:
            supervisor.watch()
        except KeyboardInterrupt:
            say("up", "Stopping. A running job is finished first; press Ctrl-C again to stop at once.")
            raise


def start_services(supervisor: Supervisor, folder: Path) -> tuple[Postgres | None, Valkey | None]:
    """The embedded services that the environment does not name an external one for."""
    postgres = valkey = None
    if "DATABASE_URL" not in os.environ:
        postgres = Postgres(folder / "postgres")
        supervisor.add(postgres.prepare, postgres.wait_until_ready)
    if "CELERY_BROKER_URL" not in os.environ:
        valkey = Valkey(folder / "valkey")
        supervisor.add(valkey.prepare, valkey.wait_until_ready)
    return postgres, valkey


def write_environment(folder: Path, address: str, postgres: Postgres | None, valkey: Valkey | None) -> None:
    """Write what was generated to `portal.env`, from where the settings of every process read it."""
    values = {
        "SECRET_KEY": kept_secret(folder / "secret-key"),
        "MLSD_BASE_URL": address,
        "MLSD_ALLOWED_HOSTS": "127.0.0.1,localhost",
    }
    if postgres is not None:
        values["DATABASE_URL"] = postgres.url
    if valkey is not None:
        values["CELERY_BROKER_URL"] = valkey.url
    lines = [f"{name}={value}\n" for name, value in values.items() if name not in os.environ]
    write_private(folder / "portal.env", "# Written by every start of the portal.\n" + "".join(lines))


def manage(name: str, *arguments: str) -> Program:
    """A management command as a program."""
    return Program(name, (sys.executable, "manage.py", *arguments), folder=ROOT)


def workers(folder: Path) -> Iterator[Program]:
    """A worker for each queue, and beat, which wakes the sweeper."""
    celery = (sys.executable, "-m", "celery", "--app", "mlsd_portal", "--quiet")
    patience = float(os.environ.get("MLSD_STOP_SECONDS", DEFAULT_STOP_SECONDS))
    for queue, concurrency in (("short", 2), ("long", 1), ("report", 1)):
        yield Program(
            f"worker-{queue}",
            (
                *(*celery, "worker", "--queues", queue, "--hostname", f"{queue}@%h"),
                *("--concurrency", str(concurrency), "--loglevel", "INFO", "--without-mingle"),
            ),
            {"PYTHONWARNINGS": "ignore:::celery.platforms"},
            folder=ROOT,
            # SIGTERM lets a running job finish; SIGQUIT gives it back to the broker.
            stops=((signal.SIGTERM, patience), (signal.SIGQUIT, 10.0)),
            # Nobody is left to finish a job with, and without its broker a worker does not end by itself.
            orphaned=signal.SIGKILL,
        )
    schedule = str(folder / "beat-schedule")
    yield Program("beat", (*celery, "beat", "--schedule", schedule, "--pidfile", ""), folder=ROOT)


def web(host: str, port: int) -> Program:
    """The web server. Threads wait for the database and for uploads, so there are more than processors."""
    server = (sys.executable, "-m", "granian", "--interface", "wsgi", "mlsd_portal.wsgi:application")
    options = ("--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers", "--no-ws")
    return Program(
        "web", (*server, "--host", host, "--port", str(port), *options, "--log-level", "error"), folder=ROOT
    )


def wait_for_web(process: subprocess.Popen[bytes], host: str, port: int, seconds: float = 120.0) -> None:
    """Return when the server answers a request; raise ServiceError when it ended or takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
            return
        except (OSError, http.client.HTTPException) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"The web server did not start: {error}") from error
            time.sleep(0.1)
        finally:
            connection.close()


def choose_port(host: str) -> int:
    """MLSD_PORT when it is given (and free, or ServiceError), else the first free port from 8000 on."""
    given = os.environ.get("MLSD_PORT")
    if given is not None:
        if not given.isdigit() or not is_free(host, int(given)):
            raise ServiceError(f"Port {given} cannot be used on {host}. Set MLSD_PORT to a free port.")
        return int(given)
    for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TO_TRY):
        if is_free(host, port):
            if port != DEFAULT_PORT:
                say("up", f"Port {DEFAULT_PORT} is in use; taking {port}.")
            return port
    raise ServiceError(f"No free port from {DEFAULT_PORT} on. Set MLSD_PORT to a free port.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, OverflowError):
            return False
    return True


@contextmanager
def only_one(folder: Path) -> Iterator[Path]:
    """Hold the lock of the data folder. The kernel releases it however we end, so it is never stale."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock_file = folder / "up.lock"
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ServiceError(f"The data folder {folder} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        running = json.loads(lock_file.read_text() or "{}")
        raise ServiceError(
            f"The portal of {folder} is running already: {running.get('address', 'it is just starting')} "
            f"(process {running.get('pid', 'unknown')})."
        ) from error
    try:
        lock_file.write_text("")
        yield lock_file
    finally:
        os.close(descriptor)


def announce(address: str, sign_in: Path, known: bool) -> None:
    """Say where the portal is and, the first time, how to sign in."""
    say("up", f"MLSD Portal is ready: {address}")
    if known:
        say("up", f"The first sign-in stands in {sign_in}")
    elif sign_in.exists():
        for line in sign_in.read_text().splitlines():
            say("up", line)
    say("up", "Ctrl-C stops it.")


def say(name: str, line: str) -> None:
    """One line on standard output, with its source."""
    print(f"{name:>12} | {line}", flush=True)
