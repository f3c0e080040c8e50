"""The services that the tests run against: one PostgreSQL and one Valkey for the whole session.

They start before Django reads its settings, in a temporary folder and on free ports. The workers of
pytest-xdist inherit the addresses by the environment; each has its own database (pytest-django names it
after the worker) and its own Valkey database. When DATABASE_URL or CELERY_BROKER_URL is given, that
service is used instead.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from apps.jobs.embedded.postgres import Postgres
from apps.jobs.embedded.process import Program
from apps.jobs.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]
# A test database is thrown away: nothing has to survive a power cut.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def keep_bytecode() -> None:
    """Images of containers often forbid to write bytecode. Then each test process, and each worker, web
    server and script that the tests start, compiles thousands of modules anew: 15 s of CPU every time. The
    bytecode is kept apart from the sources, which stay clean.
    """
    if not sys.dont_write_bytecode:
        return
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(ROOT / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


class Services:
    """The session's services; `stop` ends those that were started here."""

    def __init__(self) -> None:
        self.running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        self.folder: Path | None = None

    def start(self) -> None:
        """Start what the environment does not give, and say in the environment where it is."""
        if "PYTEST_XDIST_WORKER" not in os.environ:
            self.folder = Path(tempfile.mkdtemp(prefix="mlsd-tests-"))
            # Nothing that a `make up` of the same checkout left may reach the tests.
            os.environ["MLSD_DATA_DIR"] = str(self.folder)
            os.environ["MLSD_BASE_URL"] = "http://testserver"
            os.environ["MLSD_ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
            # Kept from session to session: compressing takes seconds, and happens when a source changed.
            static = ROOT / ".pytest_cache" / "static"
            static.mkdir(parents=True, exist_ok=True)
            os.environ["MLSD_STATIC_ROOT"] = str(static)
            os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
            if "DATABASE_URL" not in os.environ:
                postgres = Postgres(self.folder / "postgres", THROW_AWAY)
                self._run(postgres.prepare(), postgres.wait_until_ready)
                os.environ["DATABASE_URL"] = postgres.url
                # Set only where the server is our own and databases may be made from a template.
                os.environ["MLSD_TESTS_TEMPLATE_FOLDER"] = str(self.folder)
            if "CELERY_BROKER_URL" not in os.environ:
                valkey = Valkey(self.folder / "valkey")
                self._run(valkey.prepare(), valkey.wait_until_ready)
                os.environ["CELERY_BROKER_URL"] = valkey.url
        else:
            own = Path(os.environ["MLSD_DATA_DIR"]) / os.environ["PYTEST_XDIST_WORKER"]
            os.environ["MLSD_DATA_DIR"] = str(own)
            os.environ["MLSD_BROKER_PREFIX"] = f"{os.environ['PYTEST_XDIST_WORKER']}:"

    def stop(self) -> None:
        for program, process in reversed(self.running):
            program.stop(process)
        self.running.clear()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: Program, ready: Callable[[subprocess.Popen[bytes]], None]) -> None:
        process = program.start(output=subprocess.DEVNULL)
        self.running.append((program, process))
        ready(process)


def database_url(settings: dict[str, object]) -> str:
    """The address of the database of this test process, for the processes that it starts."""
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{quote(str(settings['NAME']))}").geturl()
