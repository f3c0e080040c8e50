"""The result of a fairness measurement: small frozen records that survive a trip through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from apps.compute.messages import Message
from apps.compute.results import MetricResult

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The rates of one group, in the order of `Fairness.overall`; ``n`` rows."""

    name: str
    n: int
    rates: tuple[MetricResult, ...]

    def rate(self, key: str) -> MetricResult:
        """The rate named ``key``; KeyError if it was not measured."""
        return _by_key(self.rates, key)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "n": self.n, "rates": [rate.to_json() for rate in self.rates]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GroupRow:
        return cls(data["name"], data["n"], _metrics(data["rates"]))


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the groups are apart in the rate ``key``.

    ``smallest`` and ``largest`` are its ends, None where fewer than two groups have the rate, and
    ``smallest_group`` and ``largest_group`` who is there. ``difference`` is largest minus smallest, ``ratio``
    smallest over largest (None for errors, which have no ratio), ``to_overall`` the largest distance of a
    group from all rows together. ``p`` tests that all groups are equal.
    """

    key: str
    smallest: float | None
    largest: float | None
    smallest_group: str
    largest_group: str
    difference: MetricResult
    ratio: MetricResult | None
    to_overall: MetricResult
    p: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "smallest": self.smallest,
            "largest": self.largest,
            "smallest_group": self.smallest_group,
            "largest_group": self.largest_group,
            "difference": self.difference.to_json(),
            "ratio": self.ratio.to_json() if self.ratio else None,
            "to_overall": self.to_overall.to_json(),
            "p": self.p,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Spread:
        parts = {
            name: MetricResult.from_json(data[name]) if data[name] else None
            for name in ("difference", "ratio", "to_overall")
        }
        return cls(**{**data, **parts})


@dataclass(frozen=True, slots=True)
class EqualityTest:
    """Test that all groups are equal. ``key`` is the metric without its ending (``"equalized_odds"``).

    ``corrected`` is ``p`` after Holm's correction over the tests of this result.
    """

    key: str
    p: float
    corrected: float


@dataclass(frozen=True, slots=True)
class Fairness:
    """``metrics`` are the registered ones (``of_groups``), ``overall`` the rates of all rows together.

    Intervals of differences and ratios come from ``resamples`` seeded draws; see `fairness`.
    """

    groups: tuple[GroupRow, ...]
    overall: tuple[MetricResult, ...]
    spreads: tuple[Spread, ...]
    metrics: tuple[MetricResult, ...]
    tests: tuple[EqualityTest, ...]
    notes: tuple[Message, ...] = ()
    weighted: bool = False
    seed: int = 0
    resamples: int = 0
    schema_version: int = SCHEMA_VERSION

    def metric(self, key: str) -> MetricResult:
        """The metric named ``key``; KeyError if it was not measured."""
        return _by_key(self.metrics, key)

    def spread(self, key: str) -> Spread:
        """The spread of the rate ``key``; KeyError if it was not measured."""
        return {spread.key: spread for spread in self.spreads}[key]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema_version": self.schema_version,
            "groups": [group.to_json() for group in self.groups],
            "overall": [rate.to_json() for rate in self.overall],
            "spreads": [spread.to_json() for spread in self.spreads],
            "metrics": [metric.to_json() for metric in self.metrics],
            "tests": [asdict(test) for test in self.tests],
            "notes": [note.to_json() for note in self.notes],
            "weighted": self.weighted,
            "seed": self.seed,
            "resamples": self.resamples,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fairness:
        return cls(
            groups=tuple(GroupRow.from_json(group) for group in data["groups"]),
            overall=_metrics(data["overall"]),
            spreads=tuple(Spread.from_json(spread) for spread in data["spreads"]),
            metrics=_metrics(data["metrics"]),
            tests=tuple(EqualityTest(**test) for test in data["tests"]),
            notes=tuple(Message.from_json(note) for note in data["notes"]),
            weighted=data["weighted"],
            seed=data["seed"],
            resamples=data["resamples"],
            schema_version=data["schema_version"],
        )


def _metrics(data: Any) -> tuple[MetricResult, ...]:
    return tuple(MetricResult.from_json(metric) for metric in data)


def _by_key(metrics: tuple[MetricResult, ...], key: str) -> MetricResult:
    return {metric.key: metric for metric in metrics}[key]
