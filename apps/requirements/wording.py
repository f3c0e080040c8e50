"""A requirement in words: its metric, its target, the data and the slice it speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common import formats
from apps.common.translate import translate
from apps.requirements.measures import metric_of
from apps.requirements.models import RequirementVersion
from apps.requirements.services.targets import scenario_sentence


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
    if not version.slice_value:
        return _("by %(column)s") % {"column": version.slice_column}
    return f"{version.slice_column} = {version.slice_value}"


def data_text(version: RequirementVersion) -> str:
    """The data set, with its newest version, or the file that the target names; "" for any."""
    if version.dataset_id:
        return _("newest version of %(dataset)s") % {"dataset": version.dataset}
    return str(version.file) if version.file_id else ""


def said(version: RequirementVersion, currency: str = "") -> dict[str, str]:
    """Everything that the version says, label and words, in the order of the page; without empty parts."""
    target = ""
    if version.metric:
        target = f"{metric_label(version.metric)} {target_text(version, currency)}"
    days = version.max_age_days
    parts = {
        _("Statement"): version.statement,
        _("Kind"): version.get_kind_display(),
        _("Priority"): version.get_priority_display(),
        _("How it is verified"): version.verification,
        _("Quality scenario"): translate(scenario_sentence(version.scenario)),
        _("Target"): target,
        _("Data"): data_text(version),
        _("Slice"): slice_text(version),
        _("Confidence"): formats.exact(version.confidence, "share"),
        _("Greatest age of the evidence"): "" if days is None else _days(days),
        _("Load"): load_text(version),
    }
    return {label: words for label, words in parts.items() if words}


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def load_text(version: RequirementVersion) -> str:
    """ "100 rows a call, 4 calls at the same time, 300 ms each": what is known of it."""
    parts = []
    if version.batch_size is not None:
        words = ngettext("%(count)d row a call", "%(count)d rows a call", version.batch_size)
        parts.append(words % {"count": version.batch_size})
    if version.concurrency is not None:
        words = ngettext("%(count)d call at a time", "%(count)d calls at the same time", version.concurrency)
        parts.append(words % {"count": version.concurrency})
    if version.call_ms is not None:
        parts.append(_("%(duration)s a call") % {"duration": formats.exact(version.call_ms, "ms")})
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a requirement that two versions say differently; "" where one says nothing."""

    label: str
    before: str
    after: str


def differences(
    before: RequirementVersion, after: RequirementVersion, currency: str = ""
) -> list[Difference]:
    old, new = said(before, currency), said(after, currency)
    labels = dict.fromkeys([*new, *old])
    return [
        Difference(label, old.get(label, ""), new.get(label, ""))
        for label in labels
        if old.get(label) != new.get(label)
    ]
