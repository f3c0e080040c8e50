"""What this app tells the apps above it. Sent at least once, so listeners must be idempotent.

``analysis_finished`` is sent after an analysis's result is stored; argument: ``analysis``
(analysis.Analysis). Metrics that it measured are then rows of `evaluations.MetricValue`.
``saved_slices_changed`` after a saved slice went, with what was measured on it; argument: ``project``.
"""

from django.dispatch import Signal

analysis_finished = Signal()
saved_slices_changed = Signal()
