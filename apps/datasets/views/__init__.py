"""Pages of this app."""

from apps.datasets.views.checks import VersionAccept, VersionChecks
from apps.datasets.views.datasets import DatasetDetail, DatasetEdit, DatasetList
from apps.datasets.views.expectations import (
    ExpectationAdd,
    ExpectationDelete,
    ExpectationEdit,
    ExpectationKinds,
    ExpectationList,
    SuggestionList,
)
from apps.datasets.views.files import FileDelete, FileDetail, FileList, FileMixin, TruthUpload, UploadPage
from apps.datasets.views.versions import DifferencePage, VersionDetail

__all__ = [
    "DatasetDetail",
    "DatasetEdit",
    "DatasetList",
    "DifferencePage",
    "ExpectationAdd",
    "ExpectationDelete",
    "ExpectationEdit",
    "ExpectationKinds",
    "ExpectationList",
    "FileDelete",
    "FileDetail",
    "FileList",
    "FileMixin",
    "SuggestionList",
    "TruthUpload",
    "UploadPage",
    "VersionAccept",
    "VersionChecks",
    "VersionDetail",
]
