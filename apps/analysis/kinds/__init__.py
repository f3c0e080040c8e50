"""One module for each question: its record with the check of its parameters. The worker's side of a question
stands in ``apps/analysis/working``, which the web process never imports.
"""

from apps.analysis.kinds import (  # noqa: F401  they register themselves
    errors,
    fairness,
    faults,
    protocol,
    saved_slices,
    slices,
)
