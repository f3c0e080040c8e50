"""A monitor with a batch and an alert in the world in which everybody asks, and the rows of its pages."""

from __future__ import annotations

from typing import Any

from apps.monitoring.models import LabelUpload
from apps.projects.models import Project
from tests.access.rows import ENGINEER, MANAGER, SIGNED_IN, VIEWER, rows
from tests.factories import make_alert, make_batch, make_file, make_job, make_monitor

ROWS = [
    *rows(SIGNED_IN, "monitoring:all", "get"),
    *rows(SIGNED_IN, "monitoring:alerts", "get"),
    *rows(VIEWER, "monitoring:list", "get", "project"),
    *rows(ENGINEER, "monitoring:new", "get post put", "project"),
    *rows(VIEWER, "monitoring:detail", "get", "project", "number"),
    *rows(VIEWER, "monitoring:aging", "get", "project", "number"),
    *rows(ENGINEER, "monitoring:edit", "get post put", "project", "number"),
    *rows(ENGINEER, "monitoring:models", "get post put", "project", "number"),
    *rows(ENGINEER, "monitoring:pause", "post", "project", "number"),
    *rows(ENGINEER, "monitoring:resume", "post", "project", "number"),
    *rows(MANAGER, "monitoring:archive", "get post", "project", "number"),
    *rows(VIEWER, "monitoring:batches", "get", "project", "number"),
    *rows(ENGINEER, "monitoring:upload-batch", "get post", "project", "number"),
    *rows(VIEWER, "monitoring:batch", "get", "project", "number", "batch"),
    *rows(ENGINEER, "monitoring:batch-drift", "post", "project", "number", "batch"),
    *rows(VIEWER, "monitoring:labels", "get", "project", "number"),
    *rows(ENGINEER, "monitoring:upload-labels", "get post", "project", "number"),
    *rows(VIEWER, "monitoring:project-alerts", "get", "project"),
    *rows(VIEWER, "monitoring:alert", "get", "project", "alert"),
    *rows(ENGINEER, "monitoring:alert", "post put", "project", "alert", do="note", note="Seen"),
]


def make_monitoring(project: Project) -> dict[str, Any]:
    """One row of each kind; the parts of their addresses. The monitor has the number 1."""
    monitor = make_monitor(project)
    batch = make_batch(monitor, file=make_file(project))
    alert = make_alert(monitor)
    labels = LabelUpload.objects.create(
        monitor=monitor,
        number=1,
        sha256="0" * 64,
        arrived_at=batch.arrived_at,
        job=make_job(project),
        created_by=project.created_by,
    )
    return {
        "monitor_pk": monitor.pk,
        "batch": batch.number,
        "batch_pk": batch.pk,
        "alert": alert.number,
        "alert_pk": alert.pk,
        "label_upload_pk": labels.pk,
    }
