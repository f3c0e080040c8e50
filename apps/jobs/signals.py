"""What this app tells the apps above it."""

from django.dispatch import Signal

#: Sent after the commit that ended a job (succeeded, failed or cancelled), with ``sender=Job`` and ``job``,
#: by the process that ended it: a worker, the sweeper, or the web server for a job cancelled while it waited.
#: A process that dies right after the commit never sends it, so whatever must not be missed belongs into
#: the ``save`` of the job (see `execution.Work`).
job_finished = Signal()
