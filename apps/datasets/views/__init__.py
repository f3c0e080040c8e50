"""Pages of this app."""

from apps.datasets.views.datasets import DatasetDetail, DatasetList
from apps.datasets.views.files import FileDelete, FileDetail, FileList, FileMixin, TruthUpload, UploadPage

__all__ = [
    "DatasetDetail",
    "DatasetList",
    "FileDelete",
    "FileDetail",
    "FileList",
    "FileMixin",
    "TruthUpload",
    "UploadPage",
]
