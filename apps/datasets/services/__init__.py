"""What people do with files and data sets."""

from apps.datasets.services.about import EVERY_COLUMN, TEXT_CHARACTERS, DatasetAbout
from apps.datasets.services.datasets import NAME_CHARACTERS, add_dataset, edit_dataset
from apps.datasets.services.expectations import (
    accept_suggestions,
    accept_version,
    add_expectation,
    change_expectation,
    delete_expectation,
    recheck,
    start_check,
    suggestions,
)
from apps.datasets.services.files import (
    check_upload,
    delete_file,
    queue_for,
    set_roles,
    store_file,
    submit_file,
)
from apps.datasets.services.versions import (
    NOTE_CHARACTERS,
    add_version,
    start_difference,
    version_in_force,
)

__all__ = [
    "EVERY_COLUMN",
    "NAME_CHARACTERS",
    "NOTE_CHARACTERS",
    "TEXT_CHARACTERS",
    "DatasetAbout",
    "accept_suggestions",
    "accept_version",
    "add_dataset",
    "add_expectation",
    "add_version",
    "change_expectation",
    "check_upload",
    "delete_expectation",
    "delete_file",
    "edit_dataset",
    "queue_for",
    "recheck",
    "set_roles",
    "start_check",
    "start_difference",
    "store_file",
    "submit_file",
    "suggestions",
    "version_in_force",
]
