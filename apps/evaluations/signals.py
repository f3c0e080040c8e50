"""``run_finished`` is sent after a run's result is stored. Arguments: ``run`` (evaluations.Run).

Apps above this one listen to it; it is sent at least once per run, so listeners must be idempotent.
"""

from django.dispatch import Signal

run_finished = Signal()
