"""``report_finished`` is sent after a drift report's result is stored; argument: ``report``
(drift.DriftReport). It is sent at least once, so listeners must be idempotent.
"""

from django.dispatch import Signal

report_finished = Signal()
