"""What a request may say of a drift report."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.utils import json

from apps.accounts.models import User
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.result import Verdict
from apps.compute.drift.spec import DRIFT_SHARE, ColumnSettings, DriftSpec
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import Role
from apps.compute.selection import EVERYTHING, Selection
from apps.datasets.api.serializers import RolesField
from apps.datasets.models import DataFile, Dataset
from apps.datasets.services import version_in_force
from apps.drift.checks import MOST_RESAMPLES, NAME_CHARACTERS, REASON_CHARACTERS
from apps.drift.lists import COLUMN_ORDERS
from apps.drift.services import Source
from apps.projects.api.rows import (
    Asked,
    CountField,
    NumberField,
    OneOf,
    ProjectField,
    ProjectFilter,
    RowField,
    UuidRowField,
)


def _files(user: User) -> QuerySet[DataFile]:
    return DataFile.objects.visible_to(user)


def _datasets(user: User) -> QuerySet[Dataset]:
    return Dataset.objects.visible_to(user)


class JsonText:
    """In a multipart request, where every field is text, the same value as JSON."""

    field_name: str | None

    def get_value(self, dictionary: Any) -> Any:
        value = dictionary.get(self.field_name, serializers.empty)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value  # which is not of the field's type


class ConditionSerializer(serializers.Serializer[Any]):
    column = serializers.CharField(max_length=1_000, trim_whitespace=False)
    operator = serializers.CharField(max_length=20, help_text="in, not_in, from or before")
    values = serializers.ListField(
        child=serializers.JSONField(), help_text="Texts, numbers, yes and no; times as ISO text."
    )


class SelectionField(JsonText, serializers.ListField):
    """Conditions that all hold for the rows that are meant."""

    child = ConditionSerializer()

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):  # the base class would read a file in this place
            self.fail("not_a_list", input_type=type(data).__name__)
        return Selection.from_json(super().to_internal_value(data))


class SideSerializer(serializers.Serializer[Any]):
    """A file, or a version of a data set (the newest in force unless it is named), and the rows of it."""

    file_id = UuidRowField(_files, required=False, help_text="A file of the portal.")
    dataset = RowField(_datasets, required=False, help_text="Or a data set.")
    version = CountField(required=False, min_value=1, help_text="Number of its version.")
    selection = SelectionField(required=False, default=list, help_text="All rows, if left out.")
    #: Fields of which a request names exactly one.
    ways: tuple[str, ...] = ("file_id", "dataset")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in self.ways) != 1:
            raise serializers.ValidationError(
                {self.ways[0]: _("Send exactly one of: %(names)s.") % {"names": ", ".join(self.ways)}}
            )
        if "version" in attrs and "dataset" not in attrs:
            raise serializers.ValidationError({"version": _("A version is one of a data set: name it too.")})
        return {**attrs, "selection": attrs["selection"] or EVERYTHING}


def source_of(said: dict[str, Any]) -> Source:
    """InputRejected: there is no such version."""
    if "file_id" in said:
        return Source(said["file_id"], selection=said["selection"])
    dataset = said["dataset"]
    if "version" in said:
        version = dataset.versions.select_related("file").filter(number=said["version"]).first()
    else:
        version = version_in_force(dataset)
    if version is None:
        raise InputRejected(
            "no_version",
            gettext_noop("The data set “%(dataset)s” has no such version. Name one that it has."),
            dataset=dataset.name,
        )
    return Source.of_version(version, said["selection"])


class ReferenceSideField(JsonText, SideSerializer):
    pass


class ColumnSettingsSerializer(serializers.Serializer[Any]):
    kind = OneOf(choices=[kind.value for kind in ColumnKind], required=False)
    method = serializers.CharField(required=False, max_length=40, help_text="A key of drift-methods.")
    limit = NumberField(required=False, allow_null=True)
    ignore = serializers.BooleanField(required=False, help_text="Leave the column out.")


class ColumnsField(JsonText, serializers.DictField):
    """``{"price": {"method": "ks", "limit": 0.01}, "name": {"ignore": true}}``"""

    child = ColumnSettingsSerializer()

    def to_internal_value(self, data: Any) -> Any:
        found = super().to_internal_value(data)
        return {name: ColumnSettings.from_json(settings) for name, settings in found.items()}


class SpecRolesField(JsonText, serializers.DictField):
    child = OneOf(choices=[role.value for role in Role])


class SpecSerializer(serializers.Serializer[Any]):
    """How the sides are compared; whatever is left out is chosen as Evidently does, or by the portal."""

    columns = ColumnsField(required=False, default=dict, help_text="Settings of single columns.")
    roles = SpecRolesField(
        required=False, default=dict, help_text="Uses of columns, such as target; the files know others."
    )
    time_column = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=1_000, trim_whitespace=False
    )
    drift_share = NumberField(required=False, default=DRIFT_SHARE)
    smallest_effect = NumberField(required=False, default=DriftSpec().smallest_effect)
    confidence = NumberField(required=False, default=DriftSpec().confidence)
    resamples = CountField(
        required=False,
        default=DriftSpec().resamples,
        help_text=f"0 leaves intervals out; at most {MOST_RESAMPLES}.",
    )
    classify = serializers.BooleanField(
        required=False, default=True, help_text="Whether a classifier is to tell rows of the sides apart."
    )
    seed = CountField(required=False, default=0)


SPEC_FIELDS = tuple(SpecSerializer().fields)


def spec_of(said: dict[str, Any]) -> DriftSpec:
    known = {name: said[name] for name in SPEC_FIELDS}
    return DriftSpec(**{**known, "roles": {name: Role(role) for name, role in said["roles"].items()}})


class ReportSubmitSerializer(SideSerializer, SpecSerializer):
    """The current side by file, file_id or dataset; the reference likewise, else the project's."""

    project = ProjectField(parent=True, help_text="Short name of the project.")
    file = serializers.FileField(
        required=False, allow_empty_file=True, help_text="The current data: CSV, TSV, JSON Lines, Parquet …"
    )
    sha256 = serializers.RegexField(
        r"^[0-9a-fA-F]{64}$", required=False, default="", help_text="Of file; checked on arrival when given."
    )
    file_roles = RolesField(required=False, default=dict, help_text="Uses of the columns of file.")
    reference = ReferenceSideField(
        required=False, allow_null=True, default=None, help_text="The project's reference, if left out."
    )
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=NAME_CHARACTERS)
    ways = ("file", "file_id", "dataset")


class ReferenceSetSerializer(SideSerializer):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=REASON_CHARACTERS)


class ReportFilter(ProjectFilter):
    dataset = RowField(_datasets, required=False, help_text="Reports on versions of this data set.")
    is_drift = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="By Evidently's rule."
    )
    series = serializers.CharField(required=False, max_length=32, help_text="Same reference rows.")
    state = serializers.CharField(required=False, max_length=10, source="job__state")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("is_drift") is None:
            attrs.pop("is_drift", None)
        if "dataset" in attrs:
            attrs["current_version__dataset"] = attrs.pop("dataset")
        return attrs


class ColumnAsked(Asked):
    q = serializers.CharField(required=False, default="", max_length=200, help_text="Part of its name.")
    verdict = OneOf(
        choices=[verdict.value for verdict in Verdict], required=False, default="", allow_blank=True
    )
    sort = OneOf(
        choices=[sign + key for key in COLUMN_ORDERS for sign in ("", "-")],
        required=False,
        default="",
        help_text="In the order of the report, if left out.",
    )
