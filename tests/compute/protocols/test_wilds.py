"""WILDS protocols equal the official code on its fixtures (the tolerance is the float32 of that code)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compute.protocols.golden import Golden, by, run

TOLERANCE = 1e-6


@pytest.mark.parametrize(
    ("name", "word", "percentile", "expected"),
    [
        ("amazon_10th_percentile", "user", True, []),
        ("camelyon17_accuracy_groups", "hospital", False, [str(number) for number in range(10)]),
    ],
)
def test_accuracy_by_group(name: str, word: str, percentile: bool, expected: list, tmp_path: Path) -> None:
    golden = Golden(f"wilds/{name}", TOLERANCE)
    result = run(golden.folder, "group_accuracy", {"group": "group", "expected": expected}, tmp_path)
    official = "official_results"
    golden.equal(f"{official}/acc_avg", result.metric("accuracy").value)
    golden.equal(f"{official}/acc_wg", result.metric("worst_group_accuracy").value)
    if percentile:
        golden.equal(f"{official}/10th_percentile_acc", result.metric("percentile_group_accuracy").value)
    for name, n, value in result.tables["groups"].rows("group", "n", "accuracy"):
        group = name.replace(" ", "")
        golden.equal(f"{official}/count_{word}:{group}", n)
        # The reference gives a group without rows an accuracy of 0; here it has none.
        golden.equal(f"{official}/acc_{word}:{group}", 0.0 if n == 0 else value)
    golden.done()
    assert len(result.notes) == bool(expected)  # which groups have no row


def test_worst_region_leaves_a_group_out(tmp_path: Path) -> None:
    golden = Golden("wilds/fmow_worst_region", TOLERANCE)
    for word, left_out in (("year", []), ("region", ["Other"])):
        result = run(golden.folder, "group_accuracy", {"group": word, "left_out": left_out}, tmp_path)
        worst = result.metric("worst_group_accuracy").value
        golden.equal(f"official_results/acc_worst_{word}", worst)
        for group, n, value in result.tables["groups"].rows("group", "n", "accuracy"):
            golden.equal(f"official_results/count_{word}:{group}", n)
            golden.equal(f"official_results/acc_{word}:{group}", value)
    golden.equal("official_results/acc_avg", result.metric("accuracy").value)
    golden.done()


def test_identity_and_label(tmp_path: Path) -> None:
    golden = Golden("wilds/civilcomments_worst_identity_x_label", TOLERANCE)
    identities = ["female", "black", "asian_pac", "foreign_born", "aged_65"]
    result = run(golden.folder, "identity_label_groups", {"identities": identities}, tmp_path)
    golden.equal("official_results/acc_avg", result.metric("accuracy").value)
    golden.equal("official_results/acc_wg", result.metric("worst_group_accuracy").value)
    for identity, label, n, value in result.tables["groups"].rows("identity", "label", "n", "accuracy"):
        golden.equal(f"official_results/count_y:{label}_{identity}:1", n)
        golden.equal(f"official_results/acc_y:{label}_{identity}:1", value)
    golden.done()


def test_detected_boxes(tmp_path: Path) -> None:
    golden = Golden("wilds/globalwheat_detection_TOY", TOLERANCE)
    params = {"truth": "true_boxes_xyxy", "prediction": "pred_boxes_xyxy_score", "group": "session"}
    result = run(golden.folder, "detection", params, tmp_path)
    golden.equal("official_results/detection_acc_avg", result.metric("detection_accuracy").value)
    golden.equal(
        "official_results/detection_acc_avg_dom", result.metric("group_mean_detection_accuracy").value
    )
    golden.equal("official_results/detection_acc_wg", result.metric("worst_group_detection_accuracy").value)
    for group, n, value in result.tables["groups"].rows("group", "n", "accuracy"):
        golden.equal(f"official_results/count_session:{group}", n)
        golden.equal(f"official_results/detection_acc_session:{group}", value)
    for place, value in enumerate(result.tables["units"].columns["accuracy"]):
        golden.equal(f"official_results/per_image/{place}", value)
    golden.done()


def test_present_classes(tmp_path: Path) -> None:
    golden = Golden("wilds/iwildcam_macro_f1", TOLERANCE)
    result = run(golden.folder, "present_class_macro_f1", {}, tmp_path)
    golden.equal("official_results/acc_avg", result.metric("accuracy").value)
    golden.equal("official_results/recall-macro_all", result.metric("recall_macro_present").value)
    golden.equal("official_results/F1-macro_all", result.metric("f1_macro_present").value)
    golden.done()


def test_tasks_are_pooled(tmp_path: Path) -> None:
    golden = Golden("wilds/multitask_accuracy_and_AP", TOLERANCE)
    params = {
        "truths": ["y_a", "y_b"],
        "predictions": ["p_a", "p_b"],
        "scores": ["s_a", "s_b"],
        "group": "group",
    }
    result = run(golden.folder, "multi_task", params, tmp_path)
    golden.equal("official_results/acc_all", result.metric("pooled_accuracy").value)
    golden.equal("official_results/avgprec-macro_all", result.metric("pooled_average_precision").value)
    golden.equal("official_results/avgprec-macro_wg", result.metric("worst_group_average_precision").value)
    for group, n, value in result.tables["groups"].rows("group", "n", "average_precision"):
        golden.equal(f"official_results/count_group:{group}", n)
        golden.equal(f"official_results/avgprec-macro_group:{group}", value)
    golden.done()


def test_worst_group_correlation(tmp_path: Path) -> None:
    golden = Golden("wilds/poverty_worst_group_pearson", TOLERANCE)
    result = run(golden.folder, "worst_group_correlation", {"group": "group"}, tmp_path)
    golden.equal("official_results/r_all", result.metric("pearson").value)
    golden.equal("official_results/r_wg", result.metric("worst_group_pearson").value)
    golden.equal("official_results/mse_avg", result.metric("mse").value)
    golden.equal("official_results/mse_wg", result.metric("worst_group_mse").value)
    for group, n, r, mse in result.tables["groups"].rows("group", "n", "pearson", "mse"):
        golden.equal(f"official_results/count_urban:{group}", n)
        golden.equal(f"official_results/r_urban:{group}", r)
        golden.equal(f"official_results/mse_urban:{group}", mse)
    golden.done()


def test_tokens(tmp_path: Path) -> None:
    golden = Golden("wilds/py150_token_accuracy_TOY", TOLERANCE)
    types = golden.data["token_types"]
    params = {
        "type": "token_type",
        "chosen": [str(types["class"]), str(types["method"])],
        "sequence": "sequence",
    }
    result = run(golden.folder, "token_accuracy", params, tmp_path)
    golden.equal("official_results/acc", result.metric("chosen_token_accuracy").value)
    golden.equal("official_results/Acc (Class-Method)", result.metric("chosen_token_accuracy").value)
    golden.equal("official_results/Acc (Overall)", result.metric("token_accuracy").value)
    of_type = by(result.tables["groups"], "group", "accuracy")
    for name, code in types.items():
        if name != "masked":
            golden.equal(f"official_results/Acc ({name})", of_type[str(code)])
    golden.done()


def test_precision_at_recall(tmp_path: Path) -> None:
    golden = Golden("wilds/sqf_precision_at_recall", TOLERANCE)
    result = run(golden.folder, "precision_at_recall", {"group": "group"}, tmp_path)
    official = "official_results"
    golden.equal(f"{official}/acc_avg", result.metric("accuracy").value)
    golden.equal(f"{official}/acc_wg", result.metric("worst_group_accuracy").value)
    golden.equal(f"{official}/precision_at_global_recall_all", result.metric("precision_at_recall").value)
    worst = result.metric("worst_group_precision_at_recall").value
    golden.equal(f"{official}/precision_at_global_recall_wg", worst)
    for group, n, precision, accuracy in result.tables["groups"].rows("group", "n", "precision", "accuracy"):
        code = golden.data["group_order"].index(group)
        golden.equal(f"{official}/count_group:{code}", n)
        golden.equal(f"{official}/acc_group:{code}", accuracy)
        golden.equal(f"{official}/precision_at_global_recall_group:{code}", precision)
    golden.done()
