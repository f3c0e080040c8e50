"""The evidence behind a verdict, on populations whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, kstwobign, wasserstein_distance
from statsmodels.stats.multitest import multipletests

from apps.compute.drift.automatic import choose_categories, choose_numbers
from apps.compute.drift.columns import Categories, Numbers
from apps.compute.drift.evidence import Evidence, Options, chance, holm, judge, of_categories, of_numbers
from apps.compute.drift.evidence.cells import binned_cells, fine_cells, label_cells
from apps.compute.drift.evidence.distances import ON_BINS, ON_VALUES
from apps.compute.drift.registry import TESTS
from apps.compute.drift.result import Verdict

OPTIONS = Options()
Column = tuple[Numbers, Numbers] | Categories
Draw = Callable[[np.random.Generator], Column]


def numbers(values: np.ndarray) -> Numbers:
    return Numbers(np.sort(np.asarray(values, dtype=np.float64)))


def categories(reference: np.ndarray, current: np.ndarray) -> Categories:
    kept = (reference > 0) | (current > 0)
    return Categories(tuple(range(int(kept.sum()))), reference[kept], current[kept])


def examined(column: Column, key: str = "") -> tuple[str, float, Evidence]:
    """The method (chosen automatically where none is asked for), its value, and the evidence."""
    if isinstance(column, Categories):
        key = key or choose_categories(column)
        value = TESTS[key].categories(column)
        return key, value, of_categories(column, TESTS[key], value, OPTIONS)
    key = key or choose_numbers(*column)
    value = TESTS[key].numbers(*column)
    return key, value, of_numbers(*column, TESTS[key], value, OPTIONS)


def verdicts(columns: list[Column], key: str = "") -> list[Verdict]:
    found = [examined(column, key) for column in columns]
    adjusted = holm([evidence.p_value for _, _, evidence in found])
    return [
        judge(TESTS[name], value, TESTS[name].limit, evidence, p)
        for (name, value, evidence), p in zip(found, adjusted, strict=True)
    ]


def normal(n: int, m: int, shift: float) -> Draw:
    return lambda rng: (numbers(rng.normal(size=n)), numbers(rng.normal(shift, size=m)))


def lognormal(n: int, m: int, factor: float) -> Draw:
    """Of which the current side is ``factor`` times as large."""
    return lambda rng: (numbers(rng.lognormal(size=n)), numbers(rng.lognormal(size=m) * factor))


def poisson(n: int, m: int, mean: float) -> Draw:
    return lambda rng: (numbers(rng.poisson(4, n)), numbers(rng.poisson(mean, m)))


def shares(k: int, part: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(k)
    ours = rng.dirichlet(np.ones(k))
    return ours, (1 - part) * ours + part * rng.dirichlet(np.ones(k))


def drawn(k: int, part: float, n: int, m: int) -> Draw:
    ours, theirs = shares(k, part)
    return lambda rng: categories(rng.multinomial(n, ours), rng.multinomial(m, theirs))


@pytest.mark.parametrize("key", [*ON_VALUES, *ON_BINS])
def test_distances_on_cells_are_the_statistics(key: str) -> None:
    """Up to 60 rows every value is a cell; bins and labels always are those of the statistics."""
    rng = np.random.default_rng(1)
    reference, current = numbers(rng.gamma(2, size=60)), numbers(rng.gamma(3, size=45))
    cells = binned_cells(reference, current) if key in ON_BINS else fine_cells(reference, current)
    distance = (ON_VALUES | ON_BINS)[key]
    sides = [(side / side.sum())[None] for side in (cells.reference, cells.current)]
    if key == "hellinger":  # which counts bins by the distinct values
        sides = [np.array([[0.5, 0.5, 0]]), np.array([[0.1, 0.4, 0.5]])]
        expected = (1 - np.sqrt(sides[0] * sides[1]).sum()) ** 0.5
    elif key == "TVD":
        expected = np.abs(sides[0] - sides[1]).sum() / 2
    else:
        expected = TESTS[key].numbers(reference, current)
    assert distance(*sides, cells.points)[0] == pytest.approx(expected, rel=1e-5)


def test_effects_are_exact() -> None:
    rng = np.random.default_rng(2)
    ours, theirs = rng.normal(size=5_000), rng.normal(0.2, 1.5, size=3_000)
    for key in ("wasserstein", "ks", "psi"):
        effect = examined((numbers(ours), numbers(theirs)), key)[2].effect
        assert effect == pytest.approx(wasserstein_distance(ours, theirs) / ours.std(), rel=1e-9)
    column = categories(np.array([30, 50, 0, 20]), np.array([10, 40, 30, 20]))
    for key in ("jensenshannon", "chisquare"):
        expected = jensenshannon(column.reference, column.current)
        assert examined(column, key)[2].effect == pytest.approx(expected, rel=1e-9)


def test_p_values_of_numbers() -> None:
    rng = np.random.default_rng(3)
    ours, theirs = rng.normal(size=60), rng.normal(0.5, size=50)
    expected = 2 * kstwobign.sf(ks_2samp(ours, theirs).statistic * (60 * 50 / 110) ** 0.5)
    assert chance.of_ordered(fine_cells(numbers(ours), numbers(theirs))) == pytest.approx(expected, rel=1e-9)
    # Half a per cent of a column that used to be constant: too little for the largest gap, and no chance.
    rare = numbers(np.r_[np.zeros(9_950), np.ones(50)]), numbers(np.zeros(10_000))
    assert ks_2samp(rare[0].values, rare[1].values, method="asymp").pvalue > 0.5
    assert chance.of_ordered(fine_cells(*rare)) < 1e-10


def test_p_values_of_categories() -> None:
    table = np.array([[400, 300, 200, 100], [350, 340, 190, 120]])
    dense = categories(*table)
    assert chance.of_labels(label_cells(dense)) == pytest.approx(chi2_contingency(table).pvalue, rel=1e-9)
    each = np.ones(2_000, dtype=np.int64)
    unique = categories(np.r_[each, 0 * each], np.r_[0 * each, each])
    assert chance.of_labels(label_cells(unique)) == 1  # ids: every split of them looks like this
    new = categories(np.r_[4 * each, 0 * each], np.r_[0 * each, 4 * each])
    assert chance.of_labels(label_cells(new)) < 1e-100


def test_holm() -> None:
    p = [0.01, None, 0.04, 0.03, 0.005]
    expected = multipletests([x for x in p if x is not None], method="holm")[1]
    assert holm(p) == pytest.approx([expected[0], None, *expected[1:]])
    assert holm([None]) == [None]


WASSERSTEIN, KS = TESTS["wasserstein"], TESTS["ks"]


@pytest.mark.parametrize(
    ("value", "evidence", "adjusted", "verdict"),
    [
        (0.05, Evidence(0.05, low=0.02), 0.2, Verdict.NONE),
        (0.05, Evidence(0.05, low=0.02), 0.001, Verdict.SMALL),
        (0.30, Evidence(0.30, low=0.2, null_high=0.1), 0.001, Verdict.DRIFT),
        (0.30, Evidence(0.30, low=0.2, null_high=0.1), 0.06, Verdict.UNSURE),
        (0.30, Evidence(0.30, low=0.05, null_high=0.1), 0.001, Verdict.UNSURE),
        (0.30, Evidence(0.30, low=0.2, null_high=0.4), 0.001, Verdict.UNSURE),
        (0.30, Evidence(0.05, low=0.2, null_high=0.1), 0.001, Verdict.SMALL),
        (0.30, Evidence(0.30), 0.001, Verdict.DRIFT),  # no resampling was asked for
        (0.30, Evidence(0.30), None, Verdict.UNSURE),
    ],
)
def test_verdicts_on_distances(
    value: float, evidence: Evidence, adjusted: float | None, verdict: Verdict
) -> None:
    assert judge(WASSERSTEIN, value, 0.1, evidence, adjusted) is verdict


@pytest.mark.parametrize(
    ("value", "evidence", "adjusted", "verdict"),
    [
        (0.2, Evidence(0.3, effect_low=0.2), 1.0, Verdict.NONE),
        (0.001, Evidence(0.3, effect_low=0.2), 0.02, Verdict.DRIFT),
        (0.001, Evidence(0.3, effect_low=0.2), 0.2, Verdict.UNSURE),
        (0.001, Evidence(0.3, effect_low=0.05), 0.02, Verdict.UNSURE),
        (0.001, Evidence(0.03, effect_low=0.02), 0.02, Verdict.SMALL),
        (0.001, Evidence(0.03, effect_low=0.0), 0.2, Verdict.UNSURE),
    ],
)
def test_verdicts_on_p_values(value: float, evidence: Evidence, adjusted: float, verdict: Verdict) -> None:
    assert judge(KS, value, 0.05, evidence, adjusted) is verdict


@pytest.mark.parametrize("key", ["wasserstein", "ks", "jensenshannon"])
def test_more_rows_only_add_certainty(key: str) -> None:
    """The same three populations at every size: what is none stays none, and small never becomes drift."""
    seen: dict[float, list[Verdict]] = {0.0: [], 0.05: [], 0.6: []}
    for n in (100, 1_000, 10_000, 100_000, 1_000_000):
        for shift, found in seen.items():
            found += verdicts([normal(n, n, shift)(np.random.default_rng(n))], key)
    assert Verdict.DRIFT not in seen[0.0] + seen[0.05]
    assert seen[0.0][-1] is Verdict.NONE
    assert seen[0.05][-1] is Verdict.SMALL
    assert set(seen[0.6][:1]) <= {Verdict.NONE, Verdict.UNSURE, Verdict.DRIFT}
    assert set(seen[0.6][1:]) == {Verdict.DRIFT}


def test_intervals() -> None:
    rng = np.random.default_rng(5)
    for draw in (normal(2_000, 2_000, 0), drawn(15, 0, 2_000, 2_000), drawn(2_000, 0, 4_000, 4_000)):
        _, value, evidence = examined(draw(rng))
        assert evidence.low == 0
        assert value <= evidence.high < value + 0.1
        assert 0.5 * value < evidence.null_high < 4 * value
    gone = categories(np.array([500, 600, 0]), np.array([0, 0, 900]))
    _, value, evidence = examined(gone)
    assert 0.8 < evidence.low <= value == evidence.high == pytest.approx(np.log(2) ** 0.5)


def test_few_rows_and_constants() -> None:
    one = numbers([1.0])
    assert examined((one, numbers([3.0])), "wasserstein")[2].low is None
    constant = numbers(np.full(5_000, 0.4))
    assert verdicts([(constant, constant)]) == [Verdict.NONE]
    _, value, evidence = examined((constant, numbers(np.linspace(0.4, 0.5, 3_000))))
    assert 0 < evidence.low <= value <= evidence.high
    far = numbers(np.r_[np.linspace(0, 1, 5_000), 1e12])
    assert examined((numbers(np.linspace(0, 1, 5_000)), far))[2].p_value == 1
    assert verdicts([(numbers(np.linspace(0, 1, 5_000)), far)]) == [Verdict.UNSURE]


def stationary(rng: np.random.Generator, n: int, m: int) -> list[Column]:
    """Twenty columns without drift, of all kinds of shapes."""
    columns: list[Column] = []
    for k in range(5):
        columns += [normal(n, m, 0)(rng), lognormal(n, m, 1)(rng), poisson(n, m, 4)(rng)]
        columns.append(drawn((2, 3, 10, 60, n)[k], 0, n, m)(rng))
    return columns


@pytest.mark.parametrize("sizes", [(100, 100), (2_000, 300), (3_000, 20_000)])
def test_stationary_tables_do_not_drift(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(6)
    for _ in range(3):
        assert Verdict.DRIFT not in verdicts(stationary(rng, *sizes))


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(50, 80), (500, 500), (2_000, 300), (5_000, 5_000)])
def test_false_alarms(sizes: tuple[int, int]) -> None:
    """At most 5 % of stationary tables of 20 columns have any column with the verdict DRIFT."""
    rng = np.random.default_rng(7)
    tables = 200
    alarms = sum(Verdict.DRIFT in verdicts(stationary(rng, *sizes)) for _ in range(tables))
    assert alarms <= 0.05 * tables


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.05, 0.01])
@pytest.mark.parametrize(
    "draw",
    [
        normal(200, 150, 0),
        normal(5_000, 300, 0),
        poisson(400, 3_000, 4),
        drawn(4, 0, 200, 300),
        drawn(30, 0, 500, 300),
        drawn(1_000, 0, 2_000, 1_000),
        drawn(5_000, 0, 8_000, 500),
    ],
)
def test_p_values_keep_their_level(draw: Draw, level: float) -> None:
    rng = np.random.default_rng(8)
    runs = 2_000
    below = 0
    for _ in range(runs):
        column = draw(rng)
        if isinstance(column, Categories):
            below += chance.of_labels(label_cells(column)) <= level
        else:
            below += chance.of_ordered(fine_cells(*column)) <= level
    assert below / runs <= level + 3 * (level / runs) ** 0.5


def js_of(k: int, part: float) -> float:
    return float(jensenshannon(*shares(k, part)))


def psi_of(k: int, part: float) -> float:
    ours, theirs = shares(k, part)
    return float(((ours - theirs) * np.log(ours / theirs)).sum())


MEAN, STD = np.exp(0.5), np.sqrt((np.e - 1) * np.e)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "draw", "truth"),
    [
        ("wasserstein", normal(100, 100, 0), 0.0),
        ("wasserstein", normal(300, 300, 0.4), 0.4),
        ("wasserstein", normal(2_000, 500, 0.1), 0.1),
        ("wasserstein", normal(20_000, 20_000, 0.1), 0.1),
        ("wasserstein", lognormal(2_000, 2_000, 1), 0.0),
        ("wasserstein", lognormal(20_000, 20_000, 1.3), 0.3 * MEAN / STD),
        ("wasserstein", poisson(2_000, 500, 4.4), 0.2),
        ("wasserstein", normal(20_000, 200, 0.4), 0.4),
        ("wasserstein", normal(200, 20_000, 0.4), 0.4),
        ("jensenshannon", drawn(2, 0.3, 500, 500), js_of(2, 0.3)),
        ("jensenshannon", drawn(15, 0, 500, 500), 0.0),
        ("jensenshannon", drawn(15, 0.2, 2_000, 1_000), js_of(15, 0.2)),
        ("jensenshannon", drawn(100, 0, 300, 300), 0.0),
        ("jensenshannon", drawn(100, 0.3, 20_000, 20_000), js_of(100, 0.3)),
        ("psi", drawn(15, 0.3, 2_000, 1_000), psi_of(15, 0.3)),
        ("psi", drawn(15, 0, 2_000, 1_000), 0.0),
        ("psi", drawn(100, 0.3, 20_000, 20_000), psi_of(100, 0.3)),
    ],
)
def test_coverage(key: str, draw: Draw, truth: float) -> None:
    """The true distance lies in the 95 % interval of at least 92 of 100 files, seldom below it."""
    rng = np.random.default_rng(9)
    files, below, above = 1_000, 0, 0
    for _ in range(files):
        evidence = examined(draw(rng), key)[2]
        below += truth < evidence.low
        above += truth > evidence.high
    assert below <= 0.07 * files
    assert below + above <= 0.08 * files
