"""Step 1 of an upload: the file."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.datasets.models import DataFile
from apps.datasets.views import UploadPage

SHOWN_UNFINISHED = 5


class Upload(UploadPage):
    template_name = "evaluations/upload.html"

    def next_url(self, file: DataFile) -> str:
        return reverse("evaluations:columns", args=[self.project.slug, file.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """``unfinished``: files that were sent and never evaluated; the work may go on with them."""
        waiting = DataFile.objects.filter(
            project=self.project, purpose=DataFile.Purpose.PREDICTIONS, runs__isnull=True
        )
        unfinished = waiting.select_related("uploaded_by", "job").defer("profile", "roles")[:SHOWN_UNFINISHED]
        return super().get_context_data(unfinished=unfinished, **kwargs)
