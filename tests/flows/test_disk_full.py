"""A disk without room: a sentence says so, nothing is half kept or lost, and later it works again."""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.evaluations.tasks import evaluate
from tests.flows.bad_files import HEADER, csv, rows
from tests.flows.client import Script

ROOM = 16 * 2**20
pytestmark = pytest.mark.usefixtures("no_worker")


class Disk:
    """The storage folder on a small file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def leave(self, free: int) -> None:
        """Fill the disk, but for so many bytes."""
        filler = self.folder / "filler"
        filler.unlink(missing_ok=True)
        filler.write_bytes(bytes(shutil.disk_usage(self.folder).free - free))

    def empty(self) -> None:
        (self.folder / "filler").unlink()


class FileLimit(Disk):
    """Where nothing may be mounted: no file may grow beyond what is left."""

    def leave(self, free: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (free, resource.RLIM_INFINITY))

    def empty(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture
def disk(tmp_path: Path, settings) -> Iterator[Disk]:
    settings.STORAGE_DIR = tmp_path
    options = ("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(tmp_path))
    if os.geteuid() == 0 and subprocess.run(["mount", *options], check=False).returncode == 0:
        yield Disk(tmp_path)
        subprocess.run(["umount", str(tmp_path)], check=True)
    else:
        limit = FileLimit(tmp_path)
        yield limit
        limit.empty()


def noise() -> bytes:
    """Two megabytes of predictions that no format makes much smaller."""
    probabilities = np.random.default_rng(0).random(90_000)
    lines = [f"{number},{number % 2},{probability}" for number, probability in enumerate(probabilities)]
    return csv(HEADER, *lines)()


def left_in(folder: Path) -> list[str]:
    return [path.name for path in (folder / "incoming").iterdir()]


def test_an_upload_to_a_full_disk(script: Script, disk: Disk) -> None:
    earlier = script.post("runs", csv(HEADER, *rows())(), "earlier.csv").json()
    evaluate(earlier["job"]["id"])
    report = script.get(f"runs/{earlier['run']['id']}")
    assert report["result"]["metrics"]

    disk.leave(1_000_000)
    answer = script.post("runs", noise(), "noise.csv")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (507, "disk_full")
    assert answer["Content-Type"] == "application/problem+json"
    assert "disk is full" in answer.json()["detail"]
    assert "noise.csv" in answer.json()["detail"]
    assert left_in(disk.folder) == []
    assert DataFile.objects.count() == Run.objects.count() == 1
    assert script.get(f"runs/{earlier['run']['id']}") == report

    disk.empty()
    again = script.post("runs", noise(), "noise.csv")
    assert again.status_code == 202
    evaluate(again.json()["job"]["id"])
    assert script.get(f"runs/{again.json()['run']['id']}")["state"] == "succeeded"


@pytest.mark.parametrize(("name", "packed"), [("noise.csv", False), ("noise.csv.gz", True)])
def test_a_disk_that_fills_up_before_the_file_is_read(
    script: Script, disk: Disk, name: str, packed: bool
) -> None:
    """The upload was accepted, so it stays, and the file is not blamed."""
    content = gzip.compress(noise()) if packed else noise()
    run = script.post("runs", content, name).json()
    disk.leave(200_000)
    evaluate(run["job"]["id"])
    job = script.get(f"jobs/{run['job']['id']}")
    assert (job["state"], job["error"]["code"]) == ("failed", "disk_full")
    assert "run it again when there is room" in job["error"]["detail"]
    assert left_in(disk.folder) == []

    disk.empty()
    assert script.api.post(f"/api/v1/jobs/{run['job']['id']}/retry/").status_code == 200
    evaluate(run["job"]["id"])
    report = script.get(f"runs/{run['run']['id']}")
    assert (report["state"], report["rows"]) == ("succeeded", 90_000)
