"""``dataset_replaced`` is sent, inside its transaction, when a data set has got a new version.

Argument: ``dataset`` (datasets.Dataset). What was judged on the version before it is stale from then on.
"""

from django.dispatch import Signal

dataset_replaced = Signal()
