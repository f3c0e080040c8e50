"""What this app tells the apps above it. Each is sent at least once, so listeners must be idempotent.

``run_finished`` is sent after a run's result is stored; argument: ``run`` (evaluations.Run).
``baseline_named`` when a project has another baseline, in its transaction; argument: ``project``.
``comparison_finished`` after a comparison's; argument: ``comparison`` (evaluations.Comparison).
"""

from django.dispatch import Signal

run_finished = Signal()
baseline_named = Signal()
comparison_finished = Signal()
