"""Run every benchmark."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import classification, comparison, drift, faults, money, regression, single_cell, slices

classification.main()
regression.main()
comparison.main()
slices.main()
single_cell.main()
faults.main()
money.main()
drift.main()
for name in ("portfolio", "monitoring", "intake", "power"):  # Django reads its settings once in a process
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
