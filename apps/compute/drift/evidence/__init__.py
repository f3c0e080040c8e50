"""The evidence behind a drift verdict: interval, null check, effect, p-value, and the verdict itself.

    evidence = of_numbers(reference, current, test, value, options)      # columns.Numbers
    evidence = of_categories(categories, test, value, options)           # columns.Categories
    adjusted = holm([evidence.p_value for each column])                  # None stays None
    verdict = judge(test, value, limit, evidence, adjusted[k], smallest_effect=.1, confidence=.95)

Texts bring their `Evidence` with them (`text.compare`). A column of a million rows takes 1-2 ms: the work is
done on about 250 points, never on the rows.
"""

from apps.compute.drift.evidence.column import Evidence, Options, of_categories, of_numbers
from apps.compute.drift.evidence.verdict import holm, judge

__all__ = ["Evidence", "Options", "holm", "judge", "of_categories", "of_numbers"]
