"""Waking a worker. A message that is lost costs seconds: beat looks at the rows anyway."""

from __future__ import annotations

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

TASK = "apps.notifications.tasks.deliver"
#: How long a request may wait for a broker that does not answer.
PATIENCE_SECONDS = 2


def hint() -> None:
    """After this transaction, tell a worker that deliveries wait. One hint does for all of them."""
    if not any(waiting[1] is _send for waiting in transaction.get_connection().run_on_commit):
        transaction.on_commit(_send)


def _send() -> None:
    # A connection of its own, tried once: a pooled one would be tried for ever while the broker is down.
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 0}
    if "socket_timeout" in options:  # Redis: for a broker that takes connections and never answers
        options |= {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    try:
        with current_app.connection_for_write(
            connect_timeout=PATIENCE_SECONDS, transport_options=options
        ) as connection:
            current_app.send_task(TASK, queue="short", connection=connection, retry=False)
    except Exception as error:  # each transport raises its own kinds
        logger.warning("The broker did not take the hint that messages wait: %s", error)
