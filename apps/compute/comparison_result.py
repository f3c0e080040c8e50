"""The result of a comparison: small frozen records that survive a trip through JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from itertools import combinations
from typing import Any

from apps.compute.messages import Message
from apps.compute.paired.spread import Agreement
from apps.compute.results import MetricResult, Task
from apps.compute.ties import Pair, Ties, ties

SCHEMA_VERSION = 2
#: Two-sided error rate of every "beyond doubt".
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """A run's metric minus that of an earlier one, on the common rows.

    ``low`` and ``high`` bound it at 95 %. ``p`` is the test of no difference, ``corrected`` the same after
    Holm's correction: over all runs and metrics of the comparison for a difference from the first run, over
    all pairs of runs for a pair. ``better`` is None unless ``corrected`` is below 5 %.
    """

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    corrected: float | None = None
    method: str = ""
    better: bool | None = None

    def reversed(self) -> Difference:
        """The same, seen from the other run."""
        low, high = (None if end is None else -end for end in (self.high, self.low))
        better = None if self.better is None else not self.better
        return Difference(-self.value, low, high, self.p, self.corrected, self.method, better)


@dataclass(frozen=True, slots=True)
class Gain:
    """What the baseline has of the way from no skill to the best run, 1 = all of it.

    ``low`` and ``high`` carry the interval of the difference between the two; None where the baseline is the
    best run itself. ``of_perfect`` is the share of the way to a perfect prediction, None where that end is
    not known. ``best`` is the place of the best run.
    """

    share: float
    low: float | None
    high: float | None
    of_perfect: float | None
    best: int


@dataclass(frozen=True, slots=True)
class ComparedMetric:
    """``values`` has one entry per run (None: that run cannot have the metric), ``differences`` one per run
    after the first. ``best`` is the place of the run that is better than every other beyond doubt. ``pairs``
    has every two runs, as `itertools.combinations` orders them; None in results that did not test them.
    """

    key: str
    values: tuple[MetricResult | None, ...]
    differences: tuple[Difference | None, ...]
    best: int | None = None
    no_skill: float | None = None
    gain: Gain | None = None
    pairs: tuple[Difference | None, ...] | None = None

    def pair(self, first: int, second: int) -> Difference | None:
        """The second run's value minus the first's; None where there is none or it was not tested."""
        if self.pairs is None:
            return None
        low, high = sorted((first, second))
        found = self.pairs[low * len(self.values) - low * (low + 1) // 2 + high - low - 1]
        return found if found is None or first < second else found.reversed()

    def ties(self, *, higher_is_better: bool) -> Ties | None:
        """Ranks as far as the tests of all pairs support them; None where they were not made."""
        return None if self.pairs is None else ties_of(self.values, self.pairs, higher_is_better)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ComparedMetric:
        gain, pairs = data["gain"], data.get("pairs")
        return cls(
            key=data["key"],
            values=tuple(MetricResult.from_json(v) if v else None for v in data["values"]),
            differences=tuple(Difference(**d) if d else None for d in data["differences"]),
            best=data["best"],
            no_skill=data["no_skill"],
            gain=Gain(**gain) if gain else None,
            pairs=None if pairs is None else tuple(Difference(*d) if d else None for d in pairs),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "values": [value.to_json() if value else None for value in self.values],
            "differences": [asdict(difference) if difference else None for difference in self.differences],
            "best": self.best,
            "no_skill": self.no_skill,
            "gain": asdict(self.gain) if self.gain else None,
            "pairs": None if self.pairs is None else [astuple(d) if d else None for d in self.pairs],
        }


def ties_of(
    values: Sequence[MetricResult | None], pairs: Sequence[Difference | None], higher_is_better: bool
) -> Ties:
    """The ranks that all ``pairs`` of ``values`` support."""
    known = [None if v is None or v.undefined is not None else v.value for v in values]
    different: list[Pair] = [
        places
        for places, found in zip(combinations(range(len(values)), 2), pairs, strict=True)
        if found is not None and found.better is not None
    ]
    return ties(known, different, higher_is_better=higher_is_better)


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """``n`` rows are common to all runs; ``rows`` is what each run had. ``main`` is the key of the metric
    that names the winner. ``baseline`` is the place of the baseline's run, if one is among them.
    ``agreements`` compares each run after the first with it, row by row; empty for regression. ``flips`` does
    so for all pairs, as `itertools.combinations` orders them: where nothing is right or wrong, the rows in
    which the runs are equally far off ("both"), only the first is nearer, only the second. ``kept_flips`` is
    how many rows of a pair were kept to look at; None: none were.
    """

    task: Task
    n: int
    rows: tuple[int, ...]
    main: str
    metrics: tuple[ComparedMetric, ...]
    baseline: int | None = None
    weighted: bool = False
    agreements: tuple[Agreement, ...] = ()
    flips: tuple[Agreement, ...] = ()
    kept_flips: int | None = None
    notes: tuple[Message, ...] = ()
    seed: int = 0
    durations: Mapping[str, float] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def metric(self, key: str) -> ComparedMetric:
        """The metric named ``key``; KeyError if it was not compared."""
        for metric in self.metrics:
            if metric.key == key:
                return metric
        raise KeyError(key)

    def flip(self, first: int, second: int) -> Agreement | None:
        """How two runs (first < second) agree row by row; None where it was not counted."""
        if not self.flips:
            return None
        return self.flips[first * len(self.rows) - first * (first + 1) // 2 + second - first - 1]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema_version": self.schema_version,
            "task": self.task.value,
            "n": self.n,
            "rows": list(self.rows),
            "main": self.main,
            "metrics": [metric.to_json() for metric in self.metrics],
            "baseline": self.baseline,
            "weighted": self.weighted,
            "agreements": [asdict(agreement) for agreement in self.agreements],
            "flips": [astuple(flips) for flips in self.flips],
            "kept_flips": self.kept_flips,
            "notes": [note.to_json() for note in self.notes],
            "seed": self.seed,
            "durations": dict(self.durations),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ComparisonResult:
        return cls(
            schema_version=data["schema_version"],
            task=Task(data["task"]),
            n=data["n"],
            rows=tuple(data["rows"]),
            main=data["main"],
            metrics=tuple(ComparedMetric.from_json(metric) for metric in data["metrics"]),
            baseline=data["baseline"],
            weighted=data["weighted"],
            agreements=tuple(Agreement(**agreement) for agreement in data["agreements"]),
            flips=tuple(Agreement(*flips) for flips in data.get("flips", ())),
            kept_flips=data.get("kept_flips"),
            notes=tuple(Message.from_json(note) for note in data["notes"]),
            seed=data["seed"],
            durations=data["durations"],
        )
