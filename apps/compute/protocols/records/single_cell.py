"""The protocol of the single-cell integration challenges (2021, 2022)."""

from __future__ import annotations

from apps.compute.messages import gettext_noop
from apps.compute.protocols.records.record import Part, Protocol
from apps.compute.roles import Role

SINGLE_CELL = (
    Protocol(
        "rowwise_correlation",
        gettext_noop("Row-wise correlation of many targets"),
        family="Single cell",
        description=gettext_noop(
            "Thousands of targets for each row, such as the genes of a cell: the mean over rows of the "
            "correlation between predicted and true targets."
        ),
        parts=(
            Part("id", gettext_noop("Row id"), "column", Role.ID),
            Part(
                "truth_id", gettext_noop("Row id in the truth"), "text", required=False,
                help=gettext_noop("Needed where the truth calls it differently."),
            ),
            Part(
                "targets", gettext_noop("Targets"), "columns", required=False,
                help=gettext_noop("Without them, all columns that both files have."),
            ),
        ),
        metrics=(
            "rowwise_pearson", "cell_pearson", "cell_spearman", "gene_pearson", "gene_spearman",
            "overall_pearson", "overall_spearman", "rmse", "mae",
        ),
        main="rowwise_pearson",
        source="Open Problems: Multimodal Single-Cell Integration (Kaggle 2022, NeurIPS 2021)",
        module="apps.compute.protocols.rowwise",
        is_wide=True,
    ),
)  # fmt: skip
