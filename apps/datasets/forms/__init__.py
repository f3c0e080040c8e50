"""Forms of this app's pages."""

from apps.datasets.forms.datasets import AboutForm, DatasetForm, DifferenceForm, LinesField, VersionForm
from apps.datasets.forms.files import ColumnRolesForm, FileFilterForm

__all__ = [
    "AboutForm",
    "ColumnRolesForm",
    "DatasetForm",
    "DifferenceForm",
    "FileFilterForm",
    "LinesField",
    "VersionForm",
]
