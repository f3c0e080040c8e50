"""The third-party files are those that the lock names, no more and no fewer."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
OWN = {"vendor.py", "lock.json", "icons.txt"}


def test_files_are_those_of_the_lock() -> None:
    lock = json.loads((VENDOR / "lock.json").read_text())
    found = {
        str(path.relative_to(VENDOR)): "sha384-"
        + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in OWN and "__pycache__" not in path.parts
    }
    assert found == {name: entry["sha384"] for name, entry in lock.items()}


def test_every_package_brings_its_licence() -> None:
    for folder in (path for path in VENDOR.iterdir() if path.is_dir() and path.name != "__pycache__"):
        assert (folder / "LICENSE").read_text().strip(), folder
