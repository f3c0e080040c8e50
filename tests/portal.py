"""Fixtures that run the portal's processes on the test database: a worker, a web server, a browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from django.db import connection

from apps.jobs.embedded.portal import wait_for_web, web
from apps.jobs.embedded.process import Program, free_port
from apps.jobs.models import UNFINISHED, Job
from tests.services import ROOT, database_url

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Running:
    """A process of the portal, and the file with what it printed."""

    program: Program
    process: subprocess.Popen[bytes]
    output: Path

    def alive(self) -> bool:
        return self.process.poll() is None

    def wait_for(self, text: str, seconds: float = 60.0) -> None:
        """Return when the process has printed this text."""
        deadline = time.monotonic() + seconds
        while text not in self.output.read_text(errors="replace"):
            assert self.alive(), f"{self.program.name} ended:\n{self.output.read_text(errors='replace')}"
            assert time.monotonic() < deadline, f"{self.program.name} never printed {text!r}"
            time.sleep(0.05)

    def stop(self) -> None:
        self.program.stop(self.process)


Start = Callable[[Program], Running]
#: The workers that listen to this session's queues.
WORKERS: list[Running] = []


@pytest.fixture(scope="session")
def start_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that runs a program against this session's test database until the session ends."""
    folder = tmp_path_factory.mktemp("processes")
    running: list[Running] = []

    def start(program: Program) -> Running:
        output = folder / f"{len(running)}-{program.name}.output"
        with output.open("wb") as file:
            process = program.start(output=file)
        running.append(Running(program, process, output))
        return running[-1]

    yield start
    for item in reversed(running):
        item.stop()


def environment() -> dict[str, str]:
    """What the portal's processes must be told to work on this test database."""
    return {"DATABASE_URL": database_url(connection.settings_dict), "PYTHONWARNINGS": "default"}


def celery_worker(**options: str) -> Program:
    """A worker for both queues; options are further environment variables."""
    command = (sys.executable, "-m", "celery", "--app", "mlsd_portal", "--quiet", "worker")
    arguments = (
        "--queues",
        "short,long,report",
        "--concurrency",
        "1",
        "--loglevel",
        "INFO",
        "--without-mingle",
    )
    return Program("worker", (*command, *arguments), {**environment(), **options}, folder=ROOT)


@pytest.fixture(scope="session")
def worker_process(start_process: Start) -> Running:
    worker = start_process(celery_worker())
    worker.wait_for(" ready.")
    WORKERS.append(worker)
    return worker


@pytest.fixture
def no_worker() -> Iterator[None]:
    """The test runs its jobs itself: a worker that another test of the session started stands still."""
    workers = [psutil.Process(worker.process.pid) for worker in WORKERS if worker.alive()]
    for worker in workers:
        worker.suspend()
    yield
    for worker in workers:
        worker.resume()


@pytest.fixture
def live_worker(transactional_db: None, worker_process: Running) -> Iterator[Running]:
    """A real Celery worker on the test database. Commits are real, so the tables are emptied afterwards."""
    assert worker_process.alive(), worker_process.output.read_text(errors="replace")
    yield worker_process
    wait_until_idle()


def wait_until_idle(seconds: float = 30.0) -> None:
    """Return when no job waits and nobody else works in the database: emptying its tables would deadlock."""
    deadline = time.monotonic() + seconds
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline:
        waiting = Job.objects.filter(state__in=UNFINISHED, task__startswith="apps.")  # others never run
        busy = waiting.exists() or others_at_work()
        quiet = 0 if busy else quiet + 1
        time.sleep(0.02)


def others_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle')"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture(scope="session")
def collected_static() -> None:
    """The compressed and hashed files that the web server serves, shared by the session's test processes."""
    subprocess.run(
        [sys.executable, "manage.py", "collect_changed"],
        cwd=ROOT,
        env={**os.environ, **environment()},
        check=True,
    )


@pytest.fixture(scope="session")
def web_process(start_process: Start, collected_static: None) -> tuple[Running, str]:
    port = free_port()
    program = web("127.0.0.1", port)
    address = f"http://127.0.0.1:{port}"
    told = {**environment(), "MLSD_BASE_URL": address}
    server = start_process(Program(program.name, program.command, told, folder=ROOT))
    wait_for_web(server.process, "127.0.0.1", port)
    return server, address


@pytest.fixture
def live_portal(live_worker: Running, web_process: tuple[Running, str]) -> str:
    """The address of a real web server with a real worker behind it."""
    server, address = web_process
    assert server.alive(), server.output.read_text(errors="replace")
    return address


@pytest.fixture(scope="session")
def browser():  # type: ignore[no-untyped-def]
    """Debian's Chromium. Where it is missing the tests fail: a browser test that skips proves nothing."""
    from playwright.sync_api import sync_playwright

    assert os.access(CHROMIUM, os.X_OK), f"{CHROMIUM} is missing. Install it: apt-get install chromium"
    # Playwright keeps an event loop in this thread, where Django would refuse to touch the database; nothing
    # runs at the same time in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_page(browser, live_portal: str):  # type: ignore[no-untyped-def]
    """A page at the portal's address. Afterwards: no error in the console, no breach of the content
    security policy (browsers print it there), no request to another host, no answer of 500 or more."""
    faults: list[str] = []
    context = browser.new_context(base_url=live_portal, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    host = urlsplit(live_portal).netloc

    def on_console(message) -> None:  # type: ignore[no-untyped-def]
        if message.type in {"error", "warning"}:
            faults.append(f"console {message.type}: {message.text}")

    def on_request(request) -> None:  # type: ignore[no-untyped-def]
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.netloc != host:
            faults.append(f"request to another host: {request.url}")

    def on_response(response) -> None:  # type: ignore[no-untyped-def]
        if response.status >= 500:
            faults.append(f"{response.status} from {response.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"uncaught: {error.error}"))
    context.on("request", on_request)
    context.on("response", on_response)
    yield page
    context.close()
    assert faults == [], faults
