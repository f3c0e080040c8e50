"""Fetch the third-party files of the pages again: ``python static/vendor/vendor.py``.

Needs npm, and only this script does: the files are in the repository. ``npm pack`` gets each package and
checks the registry's integrity value; single files are copied beside this script with the licence, and
``lock.json`` says where each came from and its SHA-384. A test compares files and lock.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: Names of the icons that templates use, one per line.
ICONS = (HERE / "icons.txt").read_text().split()


@dataclass(frozen=True)
class Package:
    """An npm package, the folder that its files go to, and path in the package -> name here."""

    name: str
    version: str
    folder: str
    files: dict[str, str]


PACKAGES = [
    Package("htmx.org", "4.0.1", "htmx", {"dist/htmx.min.js": "htmx.min.js"}),
    Package(
        "plotly.js-cartesian-dist-min",
        "4.1.1",
        "plotly",
        {"plotly-cartesian.min.js": "plotly-cartesian.min.js"},
    ),
    Package(
        "plotly.js",
        "4.1.1",
        "plotly",
        {"dist/plotly.css": "plotly.css", "dist/plotly-locale-ru.js": "plotly-locale-ru.js"},
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "inter",
        {
            f"files/inter-{script}-wght-normal.woff2": f"inter-{script}-wght-normal.woff2"
            for script in ("latin", "cyrillic")
        },
    ),
    Package("lucide-static", "1.62.0", "lucide", {f"icons/{icon}.svg": f"{icon}.svg" for icon in ICONS}),
]


def sha384(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def unpack(package: Package, folder: Path) -> tuple[Path, str]:
    """The unpacked package and the integrity value that npm checked."""
    packed = subprocess.run(  # noqa: S603
        ["npm", "pack", "--json", "--pack-destination", folder, f"{package.name}@{package.version}"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    answer = json.loads(packed.stdout)
    about = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    archive = next(folder.glob("*.tgz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package", about["integrity"]


def vendor(package: Package) -> dict[str, dict[str, str]]:
    """Copy the files of ``package``; return their entries of the lock."""
    target = HERE / package.folder
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        source, integrity = unpack(package, Path(scratch))
        entries = {}
        for inside, name in {**package.files, "LICENSE": "LICENSE"}.items():
            shutil.copyfile(source / inside, target / name)
            entries[f"{package.folder}/{name}"] = {
                "package": f"{package.name}@{package.version}",
                "integrity": integrity,
                "path": inside,
                "sha384": sha384(target / name),
            }
        return entries


def main() -> None:
    for folder in {package.folder for package in PACKAGES}:
        shutil.rmtree(HERE / folder, ignore_errors=True)
    lock: dict[str, dict[str, str]] = {}
    for package in PACKAGES:
        lock |= vendor(package)
    (HERE / "lock.json").write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
