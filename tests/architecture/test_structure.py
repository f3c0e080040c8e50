"""The shape of the code: layers, file sizes, names, style and types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
# They name no subject, so anything ends up in them.
NAMELESS = {"utils", "helpers", "util", "helper", "misc", "common_utils"}


def sources(*patterns: str) -> list[Path]:
    """Files of the project itself, as git would list them (an untracked file counts, an ignored one not)."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_no_file_is_long() -> None:
    written = [
        path
        for path in sources("*.py", "*.html", "*.css", "*.js")
        if "migrations" not in path.parts and "vendor" not in path.parts
    ]
    assert written, "git listed no source file"
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in written}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_nameless_module() -> None:
    assert [path for path in sources("*.py") if path.stem in NAMELESS or path.parent.name in NAMELESS] == []


def test_no_leftovers() -> None:
    """No note to do something later: what is not built is not hinted at in the code."""
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX:")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("*.py", "*.html", "*.js", "*.css", "Makefile")
        if "vendor" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if any(mark in line for mark in marks)
    ]
    assert found == []


def test_files_are_plain_text() -> None:
    """A shell script without its mode bit, or one with Windows line ends, does not run."""
    for path in [ROOT / "manage.py", ROOT / ".ci" / "run", ROOT / "docker" / "entrypoint"]:
        assert path.stat().st_mode & 0o111, f"{path} is not executable"
        assert b"\r" not in path.read_bytes()


def test_every_app_is_installed() -> None:
    """An app that settings leave out has models without tables."""
    from django.conf import settings

    with_models = {f"apps.{path.parent.name}" for path in (ROOT / "apps").glob("*/models.py")}
    assert with_models <= set(settings.INSTALLED_APPS)


def test_migrations_are_complete(db: None) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "apps", "mlsd_portal"],
    ],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_tool_is_content(command: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
