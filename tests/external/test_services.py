"""The way from an upload to its report on services of the system instead of the embedded ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.external.servers import postgresql_15, rabbitmq, redis_server

ROOT = Path(__file__).resolve().parents[2]

# Every way in which the portal meets its services: rows, locks, messages, a page.
FLOWS = (
    "tests/flows/test_upload_to_report.py",
    "tests/flows/test_concurrency.py",
    "tests/flows/test_golden_uploads.py::test_uploaded_file_gives_the_golden_metrics[adult-hgb]",
)

pytestmark = pytest.mark.external


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the unprivileged user of PostgreSQL 15 can enter; tmp_path is closed to others."""
    with tempfile.TemporaryDirectory(prefix="mlsd-external-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("broker", [redis_server, rabbitmq], ids=["redis", "rabbitmq"])
def test_upload_to_report(broker: Callable[[Path], AbstractContextManager[str]], open_folder: Path) -> None:
    """The same flow tests pass, told by the environment alone where the services are."""
    # Without what this session is told: the session inside starts for itself, in a folder of its own.
    of_this_session = ("PYTEST_", "MLSD_", "DJANGO_SETTINGS_MODULE")
    own = {name: value for name, value in os.environ.items() if not name.startswith(of_this_session)}
    with (
        postgresql_15(open_folder / "postgres") as database_url,
        broker(open_folder / "broker") as broker_url,
    ):
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", *FLOWS, "-q"],
            cwd=ROOT,
            env={**own, "DATABASE_URL": database_url, "CELERY_BROKER_URL": broker_url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\d+ passed", ended.stdout), ended.stdout
    assert "skipped" not in ended.stdout.splitlines()[-1], ended.stdout
