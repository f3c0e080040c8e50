"""From an uploaded file to one zstd Parquet file that everything else reads."""

from apps.compute.tables.compression import Compression
from apps.compute.tables.formats import FileFormat, Format, sniff
from apps.compute.tables.limits import Limits
from apps.compute.tables.normalise import TableInfo, normalise

__all__ = ["Compression", "FileFormat", "Format", "Limits", "TableInfo", "normalise", "sniff"]
