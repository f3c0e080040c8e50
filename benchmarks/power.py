"""How soon a worsening is found: drops of accuracy after 30 windows, and false alarms without one."""

from __future__ import annotations

from itertools import product

import numpy as np

from apps.compute.monitoring.sequential import Point, Watch, follow
from apps.compute.uncertainty import wilson

ACCURACY = 0.9
CHANGE = 30  # windows before the drop
AFTER = 50
STREAMS = 200
WITHIN = (10, 20, 50)
EFFECTS = (0.01, 0.02, 0.05, 0.1)
ROWS = (20, 50, 200, 1000, 5000)


def stream(rng: np.random.Generator, rows: int, drop: float, windows: int) -> list[Point]:
    """Accuracies of ``windows`` windows, lower by ``drop`` from window `CHANGE` on, with their intervals."""
    truth = np.where(np.arange(windows) < CHANGE, ACCURACY, ACCURACY - drop)
    right = rng.binomial(rows, truth)
    low, high = wilson(right, np.full(windows, rows))
    return [
        Point(str(i), "", float(k) / rows, float(low[i]), float(high[i]), rows) for i, k in enumerate(right)
    ]


def delays(rows: int, drop: float, watch: Watch) -> np.ndarray:
    """Of each stream, the windows from the drop to its alarm; infinite without one."""
    found = []
    for seed in range(STREAMS):
        rng = np.random.default_rng([rows, round(drop * 1000), seed])
        course = follow(stream(rng, rows, drop, CHANGE + AFTER), watch)
        reached = np.flatnonzero(np.array(course.evidence)[CHANGE:] >= course.limit)
        found.append(reached[0] + 1 if len(reached) else np.inf)
    return np.array(found)


def main() -> None:
    print(f"Accuracy {ACCURACY} for {CHANGE} windows, then lower by the smallest drop that is watched for")
    print("(5 % false alarms in 100 windows): share of streams in which it is found, median delay in windows")
    print(f"{'drop':>6} {'rows':>6} " + " ".join(f"in {within:>3}" for within in WITHIN) + "  median")
    for drop, rows in product(EFFECTS, ROWS):
        delay = delays(rows, drop, Watch(higher_is_better=True, smallest_drop=drop))
        shares = " ".join(f"{np.mean(delay <= within):6.0%}" for within in WITHIN)
        median = np.sort(delay)[STREAMS // 2]
        print(f"{drop:6.2f} {rows:6} {shares} {median:7.0f}")


if __name__ == "__main__":
    main()
