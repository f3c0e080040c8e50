"""What this app tells the apps above it. Sent at least once, so listeners must be idempotent.

``analysis_finished`` is sent after an analysis's result is stored; argument: ``analysis``
(analysis.Analysis). Metrics that it measured are then rows of `evaluations.MetricValue`.
"""

from django.dispatch import Signal

analysis_finished = Signal()
