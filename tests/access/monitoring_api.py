"""The rows of monitoring's API; its world is that of tests/access/monitoring.py."""

from __future__ import annotations

from tests.access.rows import ENGINEER, MANAGER, SIGNED_IN, VIEWER, rows

ROWS = [
    *rows(SIGNED_IN, "api:monitor-list", "get"),
    *rows(VIEWER, "api:monitor-detail", "get", "monitor_pk"),
    *rows(ENGINEER, "api:monitor-detail", "patch", "monitor_pk"),
    *rows(ENGINEER, "api:monitor-pause", "post", "monitor_pk"),
    *rows(ENGINEER, "api:monitor-resume", "post", "monitor_pk"),
    *rows(MANAGER, "api:monitor-archive", "post", "monitor_pk"),
    *rows(VIEWER, "api:monitor-metrics", "get", "monitor_pk"),
    *rows(ENGINEER, "api:monitor-batches", "post", "monitor_pk", start="2026-01-02", rows=[{"id": 1}]),
    *rows(ENGINEER, "api:monitor-labels", "post", "monitor_pk", rows=[{"id": 1, "y_true": 1}]),
    *rows(SIGNED_IN, "api:batch-list", "get"),
    *rows(VIEWER, "api:batch-detail", "get", "batch_pk"),
    *rows(SIGNED_IN, "api:label-upload-list", "get"),
    *rows(VIEWER, "api:label-upload-detail", "get", "label_upload_pk"),
    *rows(SIGNED_IN, "api:alert-list", "get"),
    *rows(VIEWER, "api:alert-detail", "get", "alert_pk"),
    *rows(ENGINEER, "api:alert-acknowledge", "post", "alert_pk"),
    *rows(ENGINEER, "api:alert-snooze", "post", "alert_pk", until="2098-01-01T00:00:00Z"),
    *rows(ENGINEER, "api:alert-resolve", "post", "alert_pk"),
    *rows(ENGINEER, "api:alert-note", "post", "alert_pk", note="Seen"),
]
