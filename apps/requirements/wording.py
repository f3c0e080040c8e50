"""A requirement in words: its metric, its target, the data and the slice it speaks of."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.common import formats
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.value import VALUE_PER_YEAR
from apps.requirements.models import RequirementVersion


def metric_of(key: str) -> Metric | None:
    """The record of a metric of the registry or of the value per year."""
    return VALUE_PER_YEAR if key == VALUE_PER_YEAR.key else METRICS.get(key)


def unit_of(key: str) -> str:
    """The unit of the metric's values, "" for a metric that nobody knows."""
    metric = metric_of(key)
    return metric.unit if metric else ""


def metric_label(key: str) -> str:
    metric = metric_of(key)
    return _(metric.label) if metric else key


def target_text(version: RequirementVersion, currency: str = "") -> str:
    """ "at least 85%", or "" where people record the evidence."""
    if version.limit is None:
        return ""
    words = {
        "comparison": version.get_comparison_display(),
        "limit": formats.exact(version.limit, unit_of(version.metric), currency),
    }
    return _("%(comparison)s %(limit)s") % words


def slice_text(version: RequirementVersion) -> str:
    """ "country = DE", "every value of country", or ""."""
    if not version.slice_column:
        return ""
    if version.every_slice:
        return _("every value of %(column)s") % {"column": version.slice_column}
    return f"{version.slice_column} = {version.slice_value}"


def data_text(version: RequirementVersion) -> str:
    """The data set, with its newest version, or the file that the target names; "" for any."""
    if version.dataset_id:
        return _("newest version of %(dataset)s") % {"dataset": version.dataset}
    return str(version.file) if version.file_id else ""
