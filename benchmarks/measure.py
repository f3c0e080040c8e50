"""Run a function in a process of its own: seconds (imports left out) and peak resident memory."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measurement:
    seconds: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:8.2f} s {self.peak_mb:8.0f} MB"


def measure(module: str, function: str, *args: object) -> Measurement:
    """Call ``function(*args)`` of ``module`` in a fresh Python. Arguments travel as JSON."""
    command = [sys.executable, "-m", "benchmarks.measure", module, function, json.dumps(args)]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measurement(**json.loads(run.stdout.splitlines()[-1]))


def best_of(times: int, module: str, function: str, *args: object) -> Measurement:
    """The fastest of several runs, which other load on the machine disturbed least."""
    return min((measure(module, function, *args) for _ in range(times)), key=lambda m: m.seconds)


def _peak_mb() -> float:
    """High-water mark of this process alone; ``ru_maxrss`` would inherit that of its parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no VmHWM: benchmarks need Linux.")


def _main() -> None:
    module, function, arguments = sys.argv[1:]
    os.environ["DO_NOT_TRACK"] = "1"
    call = getattr(importlib.import_module(module), function)
    prepare = getattr(importlib.import_module(module), f"prepare_{function}", None)
    if prepare is not None:
        prepare()
    start = time.perf_counter()
    call(*json.loads(arguments))
    print(json.dumps({"seconds": time.perf_counter() - start, "peak_mb": _peak_mb()}))


if __name__ == "__main__":
    _main()
