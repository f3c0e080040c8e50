"""Forms of this app's pages."""

from apps.datasets.forms.datasets import DatasetForm, VersionForm
from apps.datasets.forms.files import ColumnRolesForm, FileFilterForm

__all__ = ["ColumnRolesForm", "DatasetForm", "FileFilterForm", "VersionForm"]
