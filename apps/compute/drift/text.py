"""Texts: how well a classifier tells from its words which side a text is from.

    found = compare(reference, current, automatic(rows), None, options)   # two pl.String series
    found.value, found.limit, found.evidence, found.words     # or found.reason: why it cannot be compared

The value is the area under the ROC curve (0.5: the sides look alike, 1: no doubt) on texts that the
classifier did not learn from. As Evidently 0.7.23 we choose `ABSOLUTE` above 1,000 rows of the reference and
`PERCENTILE` below, which flags what a random classifier reaches with the chance 1 - 0.95 at most. Evidently
asks a single split in halves and simulates the random classifier; here every text is judged once in five
folds and the percentile is that of a normal distribution, about the same as Evidently's on its half, so that
the same texts always give the same value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from apps.compute.drift.automatic import choose
from apps.compute.drift.columns import Floats
from apps.compute.drift.evidence import Evidence, Options
from apps.compute.drift.evidence.auc import judged_auc, random_deviation
from apps.compute.drift.registry import TESTS, ColumnKind, DriftTest
from apps.compute.drift.result import Word
from apps.compute.drift.statistics.text_content import ABSOLUTE, PERCENTILE
from apps.compute.messages import Message, gettext_noop

__all__ = ["ABSOLUTE", "PERCENTILE", "TextDrift", "automatic", "compare"]

#: Texts a side, characters of a text and words that are looked at.
MOST_TEXTS, MOST_CHARACTERS, MOST_WORDS = 5_000, 5_000, 20_000
FOLDS, FEWEST_TEXTS = 5, 10
WORD = r"(?u)\b\w+\b"
#: Words that are told, of each side.
TOLD_WORDS, LONGEST_WORD = 10, 40


@dataclass(frozen=True, slots=True)
class TextDrift:
    """``value`` is the AUC and ``limit`` what it is judged by, also for `PERCENTILE`. ``words`` tell the
    sides apart, the strongest of either side first; none where the sides cannot be told apart. With a
    ``reason`` there is nothing else.
    """

    value: float | None = None
    limit: float | None = None
    evidence: Evidence | None = None
    words: tuple[Word, ...] = ()
    reason: Message | None = None


def automatic(reference_rows: int) -> DriftTest:
    """The automatic choice by the reference's rows with a value."""
    return TESTS[choose(ColumnKind.TEXT, reference_rows, 0)]


def compare(
    reference: pl.Series,
    current: pl.Series,
    test: DriftTest,
    limit: float | None,
    options: Options,
) -> TextDrift:
    """Two columns of texts. Missing values are left out, and of long columns a seeded sample is taken.

    ``limit`` None is the limit of the test.
    """
    sides = [_sample(side, options.seed) for side in (reference, current)]
    n, m = (len(side) for side in sides)
    if min(n, m) < FEWEST_TEXTS:
        return TextDrift(reason=Message(_FEW, {"reference": n, "current": m, "fewest": FEWEST_TEXTS}))
    is_current = np.arange(n + m) >= n
    try:
        proba, words = _classified([*sides[0], *sides[1]], is_current, options.seed)
    except ValueError:  # of the vectoriser: an empty vocabulary
        return TextDrift(reason=Message(_NO_WORDS))
    value, low, high = judged_auc(is_current, proba, options.confidence)
    limit = test.limit if limit is None else limit
    if test.key == PERCENTILE.key:
        limit = float(np.clip(0.5 + ndtri(limit) * random_deviation(n, m), 0, 1))
    part = min(m, n // 2)
    evidence = Evidence(
        effect=max(0.0, 2 * value - 1),
        p_value=float(np.exp(log_ndtr((0.5 - value) / random_deviation(n, m)))),
        low=low,
        high=high,
        null_high=0.5 + float(ndtri(0.95)) * random_deviation(n - part, part),
    )
    return TextDrift(value, limit, evidence, words if low > 0.5 else ())


def _sample(texts: pl.Series, seed: int) -> list[str]:
    texts = texts.drop_nulls()
    if len(texts) > MOST_TEXTS:
        texts = texts.sample(MOST_TEXTS, seed=seed)
    return texts.str.slice(0, MOST_CHARACTERS).to_list()


def _classified(
    texts: list[str], is_current: NDArray[np.bool_], seed: int
) -> tuple[Floats, tuple[Word, ...]]:
    """Each text's probability of the current side by a model that has not seen it, and the words behind it.

    The words and their weights are counted over all texts, without a look at the sides. ValueError: no words.
    """
    vectorizer = TfidfVectorizer(
        token_pattern=WORD, sublinear_tf=True, max_features=MOST_WORDS, dtype=np.float32
    )
    features = vectorizer.fit_transform(texts)
    proba = np.empty(len(texts))
    weights = np.zeros(features.shape[1])
    for learn, judge in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(texts, is_current):
        model = LogisticRegression(max_iter=1_000).fit(features[learn], is_current[learn])
        proba[judge] = model.predict_proba(features[judge])[:, 1]
        weights += model.coef_[0] / FOLDS
    return proba, _words(vectorizer.get_feature_names_out(), weights)


def _words(names: NDArray[np.object_], weights: Floats) -> tuple[Word, ...]:
    order = np.argsort(weights, kind="stable")
    told = [(k, "current") for k in order[::-1][:TOLD_WORDS] if weights[k] > 0]
    told += [(k, "reference") for k in order[:TOLD_WORDS] if weights[k] < 0]
    return tuple(Word(str(names[k])[:LONGEST_WORD], side, float(abs(weights[k]))) for k, side in told)


_FEW = gettext_noop(
    "a comparison of texts needs at least %(fewest)s on each side; the reference has %(reference)s, the "
    "current side %(current)s"
)
_NO_WORDS = gettext_noop("its texts hold no words")
