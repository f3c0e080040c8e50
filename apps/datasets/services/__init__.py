"""What people do with files and data sets."""

from apps.datasets.services.datasets import NAME_CHARACTERS, NOTE_CHARACTERS, add_dataset, add_version
from apps.datasets.services.files import (
    check_upload,
    delete_file,
    queue_for,
    set_roles,
    store_file,
    submit_file,
)

__all__ = [
    "NAME_CHARACTERS",
    "NOTE_CHARACTERS",
    "add_dataset",
    "add_version",
    "check_upload",
    "delete_file",
    "queue_for",
    "set_roles",
    "store_file",
    "submit_file",
]
