"""Metrics of the protocol of the single-cell integration challenges."""

from __future__ import annotations

from apps.compute.messages import gettext_noop
from apps.compute.metrics.protocol_records.common import CORRELATION, correlation
from apps.compute.metrics.registry import register

register(
    correlation(
        key="rowwise_pearson",
        label=gettext_noop("Row-wise Pearson correlation"),
        description=gettext_noop(
            "Mean over rows of the correlation of predicted and true targets; a row whose predictions are "
            "all the same counts -1."
        ),
        source="Kaggle, Open Problems: Multimodal Single-Cell Integration (2022), evaluation",
        formula="mean over rows i of corr(prediction_i, truth_i)",
        meaning=gettext_noop("How well the profile of a single row, such as a cell, is met."),
        misleads=CORRELATION,
    ),
    *(
        correlation(
            key=f"{place}_{kind}",
            label=label,
            description=description,
            source="NeurIPS 2021 multimodal challenge, predict_modality/metrics/correlation",
            formula=formula,
            meaning=meaning,
            misleads=CORRELATION,
        )
        for place, kind, label, description, formula, meaning in (
            ("cell", "pearson", gettext_noop("Mean Pearson correlation of rows"),
             gettext_noop("Mean over rows of the correlation; a row without spread counts 0."),
             "mean over rows of corr, 0 without spread",
             gettext_noop("How well the profile of a row is met.")),
            ("cell", "spearman", gettext_noop("Mean rank correlation of rows"),
             gettext_noop("Mean over rows of the rank correlation; a row without spread counts 0."),
             "mean over rows of corr of ranks, 0 without spread",
             gettext_noop("How well the order of the targets inside of a row is met.")),
            ("gene", "pearson", gettext_noop("Mean Pearson correlation of targets"),
             gettext_noop("Mean over targets of the correlation; a target without spread counts 0."),
             "mean over columns of corr, 0 without spread",
             gettext_noop("How well differences between rows are met, target by target.")),
            ("gene", "spearman", gettext_noop("Mean rank correlation of targets"),
             gettext_noop("Mean over targets of the rank correlation; a target without spread counts 0."),
             "mean over columns of corr of ranks, 0 without spread",
             gettext_noop("How well the order of the rows is met, target by target.")),
            ("overall", "pearson", gettext_noop("Pearson correlation of all values"),
             gettext_noop("Correlation over all rows and targets at once."),
             "corr over all cells of the table",
             gettext_noop("How well the whole table is met; mostly which targets are large.")),
            ("overall", "spearman", gettext_noop("Rank correlation of all values"),
             gettext_noop("Rank correlation over all rows and targets at once."),
             "corr of ranks over all cells of the table",
             gettext_noop("How well the order of all values is met.")),
        )
    ),
)  # fmt: skip
