"""What this app tells the apps above it. Sent at least once, so listeners must be idempotent.

``prices_changed`` is sent when a price list was written or approved, in its transaction; argument:
``project``.
"""

from django.dispatch import Signal

prices_changed = Signal()
