"""The test databases of a session: one template is migrated, and every test process works on a copy of it.

Migrating takes half a minute of CPU and ends in the same tables each time. So they are kept from session to
session too, until a migration or a requirement changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from apps.jobs.embedded.postgres import find_binaries
from tests.services import ROOT

TEMPLATE = "migrated"
KEPT = ROOT / ".pytest_cache" / "migrated"


def template_database(folder: Path) -> str:
    """The name of the migrated database of the session's server, made by the process that asks first."""
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "template.made"
        if not made.exists():
            make_template()
            made.touch()
    return TEMPLATE


def make_template() -> None:
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    address = urlsplit(server)._replace(path=f"/{TEMPLATE}").geturl()
    binaries = find_binaries()
    tables = KEPT / f"{fingerprint()}.sql"
    if tables.exists():
        psql = [binaries / "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", tables]
        subprocess.run([*psql, address], check=True, stdout=subprocess.DEVNULL)
        return
    environment = {**os.environ, "DATABASE_URL": address}
    for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    if all((binaries / name).exists() for name in ("pg_dump", "psql")):
        KEPT.mkdir(parents=True, exist_ok=True)
        draft = tables.with_suffix(f".{os.getpid()}")
        subprocess.run([binaries / "pg_dump", "--file", draft, address], check=True)
        for old in KEPT.glob("*.sql"):
            old.unlink()
        draft.rename(tables)  # whole or not at all, should this process be killed


def fingerprint() -> str:
    """Changes with everything that decides about the tables: migrations, libraries, apps, the server."""
    files = [*ROOT.glob("apps/*/migrations/*.py"), ROOT / "mlsd_portal/settings.py"]
    files.append(ROOT / "requirements" / "base.txt")
    digest = hashlib.sha256(str(find_binaries()).encode())
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:32]
