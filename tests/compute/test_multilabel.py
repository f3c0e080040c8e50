"""Multi-label metrics against scikit-learn, their gaps, their pairs and their bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from plotly import graph_objects as go
from sklearn import metrics as sk

from apps.common.charts import figure_json
from apps.compute.aligned import Side
from apps.compute.comparison import compare
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.figures import figures_of
from apps.compute.guess import guess_roles
from apps.compute.inputs import read
from apps.compute.messages import InputRejected
from apps.compute.metrics.multilabel import RULES, Multilabel, measure
from apps.compute.profile import profile_table
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import ColumnRole, ColumnRoles, Role
from apps.compute.tasks import TASK_KINDS
from tests.outputs import LABEL_ROLES, LABELS, room


def quiet(message: object, share: float) -> None:
    pass


def run(frame: pl.DataFrame, folder: Path, roles: ColumnRoles = LABEL_ROLES) -> EvaluationResult:
    frame.write_parquet(folder / "labels.parquet")
    return evaluate(folder / "labels.parquet", EvaluationSpec(roles=roles), quiet)


def sample(seed: int, n: int = 300, weighted: bool = False) -> Multilabel:
    """Five labels of different frequency, with ties, rows without any label and rows with all."""
    rng = np.random.default_rng(seed)
    truth = rng.random((5, n)) < np.array([0.1, 0.3, 0.5, 0.6, 0.2])[:, None]
    truth[:, :5], truth[:, 5:10] = False, True
    score = np.clip(np.round(0.5 * truth + rng.random((5, n)) * 0.6, 2), 0, 1)
    weight = rng.gamma(2, 1, n) if weighted else None
    return Multilabel(tuple("abcde"), truth, score > 0.5, np.ones_like(truth), score, weight)


def peers(data: Multilabel) -> dict[str, float]:
    true, said, w = data.truth.T.astype(int), data.predicted.T.astype(int), {"sample_weight": data.weight}
    found = {
        "exact_match": sk.accuracy_score(true, said, **w),
        "hamming_loss": sk.hamming_loss(true, said, **w),
    }
    for name, rule in (("f1", sk.f1_score), ("precision", sk.precision_score), ("recall", sk.recall_score)):
        for average in ("micro", "macro", "samples"):
            value = rule(true, said, average=average, zero_division=0, **w)
            found[f"label_{name}_{average}"] = value
    if data.probability is not None:
        score = data.probability.T
        for name, rule in (("roc_auc", sk.roc_auc_score), ("average_precision", sk.average_precision_score)):
            for average in ("micro", "macro"):
                found[f"label_{name}_{average}"] = rule(true, score, average=average, **w)
        found["label_ranking_average_precision"] = sk.label_ranking_average_precision_score(true, score, **w)
        found["label_ranking_loss"] = sk.label_ranking_loss(true, score, **w)
        found["label_coverage_error"] = sk.coverage_error(true, score, **w)
    return found


@pytest.mark.parametrize("weighted", [False, True])
def test_every_metric_equals_scikit_learn(weighted: bool) -> None:
    for seed in range(5):
        data = sample(seed, weighted=weighted)
        expected, found = peers(data), measure(data)
        assert len(found) == len(RULES)
        for metric in found:
            assert metric.value == pytest.approx(expected[metric.key], abs=1e-12), metric.key
            assert metric.low <= metric.value <= metric.high, metric.key
            assert metric.low < metric.high, metric.key


def test_people_in_a_room(tmp_path: Path) -> None:
    frame = room()
    result = run(frame, tmp_path)
    assert result.task is Task.MULTILABEL
    columns = [[f"y_{kind}_{name}" for name in LABELS] for kind in ("true", "pred", "proba")]
    truth, said, chance = (frame.select(names).to_numpy().T for names in columns)
    data = Multilabel(LABELS, truth > 0, said > 0, truth > -1, chance)
    expected = peers(data)
    for metric in result.metrics:
        assert metric.value == pytest.approx(expected[metric.key], abs=1e-9), metric.key
    table = result.tables["per_label"]
    by_name = dict(table.rows("label", "f1"))
    for place, name in enumerate(LABELS):
        assert by_name[name] == pytest.approx(sk.f1_score(truth[place], said[place]), abs=1e-12)
    assert list(table.columns["f1"]) == sorted(table.columns["f1"])
    assert sum(result.tables["wrong_labels"].columns["n"]) == len(frame)
    holiday = next(found for found in result.slices if found.values == ("holiday_dec24_26",))
    undefined = next(m for m in holiday.metrics if m.key == "label_roc_auc_macro").undefined
    assert "anyone, company, crowd" in str(undefined)


def test_a_cell_without_truth_counts_nowhere(tmp_path: Path) -> None:
    """Of what looks at cells the same as scikit-learn on the known cells; a row is judged by its known
    ones.
    """
    frame = room().head(2000)
    gap = pl.int_range(pl.len()) % 3 == 0
    frame = frame.with_columns(pl.when(gap).then(None).otherwise("y_true_crowd").alias("y_true_crowd"))
    result = run(frame, tmp_path)
    cells = [frame.select(f"y_true_{name}", f"y_pred_{name}").drop_nulls().to_numpy() for name in LABELS]
    pooled = np.concatenate(cells)
    assert result.metric("label_f1_micro").value == pytest.approx(sk.f1_score(*pooled.T), abs=1e-12)
    macro = np.mean([sk.f1_score(*each.T) for each in cells])
    assert result.metric("label_f1_macro").value == pytest.approx(macro, abs=1e-12)
    assert result.metric("hamming_loss").value == pytest.approx(np.mean(pooled[:, 0] != pooled[:, 1]))
    assert any("667 true values of single outputs are missing" in str(note) for note in result.notes)


def test_runs_are_paired_by_row(tmp_path: Path) -> None:
    """The variance of a difference is that of the rows' own differences: checked by a bootstrap of rows."""
    sides = []
    for model in ("lr", "rf"):
        room(model).write_parquet(tmp_path / f"{model}.parquet")
        sides.append(Side(model, tmp_path / f"{model}.parquet", LABEL_ROLES))
    result = compare(sides, Task.MULTILABEL, quiet)
    found = {metric.key: metric for metric in result.metrics}
    exact = found["exact_match"].differences[0]
    right = [
        np.logical_and.reduce([frame[f"y_true_{n}"] == frame[f"y_pred_{n}"] for n in LABELS])
        for frame in (room("lr"), room("rf"))
    ]
    change = right[1].astype(float) - right[0]
    error = change.std(ddof=1) / len(change) ** 0.5
    assert exact.value == pytest.approx(change.mean(), abs=1e-12)
    assert exact.high - exact.value == pytest.approx(1.959964 * error, rel=1e-6)
    assert found["label_roc_auc_macro"].no_skill == pytest.approx(0.5)
    assert all(metric.differences[0].p is not None for metric in found.values())


def test_influences_give_the_spread_of_a_bootstrap() -> None:
    data = sample(0, n=600)
    rng = np.random.default_rng(1)
    drawn: dict[str, list[float]] = {}
    for _ in range(150):
        for metric in measure(data.rows(rng.integers(0, data.n, data.n))):
            drawn.setdefault(metric.key, []).append(metric.value)
    for key, rule in RULES.items():
        linear = rule(data).influence.std() / data.n**0.5
        assert linear == pytest.approx(np.std(drawn[key]), rel=0.25), key


def test_plotly_accepts_the_figures(tmp_path: Path) -> None:
    drawn = figures_of(run(room(), tmp_path))
    assert [figure.key for figure in drawn] == ["f1_by_label", "wrong_labels", "exact_match_by_time"]
    for figure in drawn:
        sent = figure_json(figure)
        go.Figure(data=sent["data"], layout=sent["layout"])
        assert {heading.name for heading in figure.headings} <= set(figure.table.columns)


def test_pairs_of_columns_are_outputs(tmp_path: Path) -> None:
    """Two pairs and more; one alone, or a lone interval, is no file of several outputs."""
    frame = room().head(300).drop("timestamp", "window")
    frame.write_parquet(tmp_path / "labels.parquet")
    expected = {name: LABEL_ROLES[name] for name in frame.columns}
    assert guess_roles(profile_table(tmp_path / "labels.parquet")) == expected
    room().head(300).select("id", "y_true_crowd", "y_pred_crowd").write_parquet(tmp_path / "one.parquet")
    one = guess_roles(profile_table(tmp_path / "one.parquet"))
    assert not {use.label for use in one.values() if use.role in (Role.TARGET, Role.PREDICTION)} - {""}


def test_losses_of_rows(tmp_path: Path) -> None:
    room().head(200).write_parquet(tmp_path / "few.parquet")
    inputs = read(tmp_path / "few.parquet", LABEL_ROLES)
    judged = TASK_KINDS[Task.MULTILABEL].judging().judge(inputs, None, positive=None, threshold=None, seed=0)
    frame = inputs.frame
    wrong = np.sum([frame[f"y_true_{n}"] != frame[f"y_pred_{n}"] for n in LABELS], axis=0)
    away = np.max([np.abs(frame[f"y_true_{n}"] - frame[f"y_proba_{n}"]) for n in LABELS], axis=0)
    assert judged.errors() == pytest.approx(wrong)
    assert judged.surprise() == pytest.approx(away)


@pytest.mark.parametrize(
    ("change", "code", "part"),
    [
        (
            {"y_pred_crowd": ColumnRole(Role.IGNORE)},
            "output_without_prediction",
            "“crowd” has a target but no",
        ),
        ({"y_true_crowd": ColumnRole(Role.IGNORE)}, "output_without_target", "which has no target"),
        ({"y_true_crowd": ColumnRole(Role.TARGET, "")}, "doubled_role", "both have the role"),
        ({"y_proba_crowd": ColumnRole(Role.IGNORE)}, "output_without_prediction", "no probability"),
    ],
)
def test_labels_without_partner_are_named(
    tmp_path: Path, change: dict[str, ColumnRole], code: str, part: str
) -> None:
    with pytest.raises(InputRejected) as raised:
        run(room().head(50), tmp_path, LABEL_ROLES | change)
    assert raised.value.code == code
    assert part in str(raised.value)


def test_odd_values_are_named(tmp_path: Path) -> None:
    frame = room().head(50).with_columns(pl.lit(2).alias("y_pred_crowd"))
    with pytest.raises(InputRejected, match="row 1 has 2 \\(50 such rows\\)"):
        run(frame, tmp_path)
    empty = room().head(50).with_columns(pl.lit(None, pl.Int8).alias("y_true_crowd"))
    with pytest.raises(InputRejected, match="empty in every row"):
        run(empty, tmp_path)


@pytest.mark.slow
def test_intervals_hold_the_truth() -> None:
    population = {metric.key: metric.value for metric in measure(sample(99, n=400_000))}
    held = dict.fromkeys(RULES, 0)
    rounds = 400
    for seed in range(rounds):
        for metric in measure(sample(seed, n=800)):
            held[metric.key] += metric.low <= population[metric.key] <= metric.high
    for key, count in held.items():
        assert 0.92 <= count / rounds <= 0.985, (key, count / rounds)
