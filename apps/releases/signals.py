"""What this app tells the apps above it, in the transaction of what happened.

``champion_changed`` when a model has another champion, or none any more. Arguments: ``change`` (StageChange,
of the new champion, or of the one that left without a successor), ``champion`` and ``former`` (ModelVersion
or None).
"""

from django.dispatch import Signal

champion_changed = Signal()
