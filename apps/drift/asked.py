"""A report as it is asked for on a page: all forms together, and what they mean."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.compute.roles import Role
from apps.compute.selection import Selection
from apps.datasets.models import DataFile, DatasetVersion
from apps.drift.forms import (
    ColumnFormSet,
    ConditionFormSet,
    OptionsForm,
    SideForm,
    selection_of,
    source_key,
)
from apps.drift.models import DriftReport
from apps.drift.services import Source, check_source, current_of, reference_of
from apps.projects.models import Project

#: Sources that are offered, the newest; others are chosen by a link on their own pages.
MOST_OFFERED = 200
MOST_LISTED_COLUMNS = 500
SIDES = ("current", "reference")


def source_of(project: Project, key: str) -> Source | None:
    """The data of the project that ``key`` names (`forms.source_key`); None: there are no such."""
    what, _colon, which = key.partition(":")
    if what == "version" and which.isdecimal() and len(which) < 10:
        versions = DatasetVersion.objects.select_related("file", "dataset")
        version = versions.filter(project=project, pk=int(which)).first()
        return Source.of_version(version) if version else None
    if what == "file":
        try:
            file = DataFile.objects.filter(project=project, pk=uuid.UUID(which)).first()
        except ValueError:
            return None
        return Source(file) if file else None
    return None


class Asked:
    """``data`` is what was posted, None when the page opens; then it starts from ``initial``: the source
    keys of the sides, or an ``earlier`` report that is asked for again.
    """

    def __init__(
        self,
        project: Project,
        data: QueryDict | None,
        initial: Mapping[str, str],
        earlier: DriftReport | None = None,
    ) -> None:
        self.project = project
        self.data = data
        self.initial = {**(_initial(earlier) if earlier else {}), **initial}
        self.earlier = earlier
        spec = earlier.spec if earlier else {}
        self.options = OptionsForm(data, initial=_options(spec, earlier), prefix="options")
        self.sides = {name: self._side(name) for name in SIDES}
        self.conditions = {name: self._conditions(name) for name in SIDES}
        settings = [{"column": name, **each} for name, each in spec.get("columns", {}).items()]
        self.columns = ColumnFormSet(
            data, initial=settings, prefix="columns", form_kwargs={"columns": self._all_columns}
        )

    @cached_property
    def project_reference(self) -> Source | None:
        return reference_of(self.project)

    @cached_property
    def sources(self) -> dict[str, Source | None]:
        """What the sides say; of the reference without a choice the project's own."""
        found = {name: source_of(self.project, self._key(name)) for name in SIDES}
        return {**found, "reference": found["reference"] or self.project_reference}

    @property
    def has_data(self) -> bool:
        return any(group for _name, group in self._choices)

    @property
    def column_names(self) -> list[str]:
        return sorted(self._all_columns or ())[:MOST_LISTED_COLUMNS]

    def is_valid(self) -> bool:
        """Every form is asked, so that all faults are told at once."""
        forms = [self.options, *self.sides.values(), *self.conditions.values(), self.columns]
        told = [form.is_valid() for form in forms]
        told += [self._check_windows()]
        told += [self._check_source(name) for name in SIDES if all(told)]
        return all(told)

    def source(self, side: str) -> Source | None:
        """The data and rows of a side; None: the project's reference with its own rows."""
        chosen = source_of(self.project, self.sides[side].cleaned_data["source"])
        if chosen is None:
            if side == "current" or self.project_reference is None:
                return None
            selection = self._selection(side)
            own = self.project_reference
            both = Selection((*own.selection.conditions, *selection.conditions))
            return Source(own.file, own.version, both) if selection else None
        return Source(chosen.file, chosen.version, self._selection(side))

    def spec(self) -> Any:
        written = [form for form in self.columns if form.cleaned_data.get("column")]
        return self.options.spec({form.cleaned_data["column"]: form.settings() for form in written})

    def time_column(self, side: str) -> str:
        """As said, else as the data set or the file says."""
        if said := self.options.cleaned_data.get("time_column"):
            return str(said)
        source = self.sources[side]
        if source is None:
            return ""
        if source.version is not None and source.version.dataset.time_column:
            return source.version.dataset.time_column
        roles = source.file.roles or {}
        return next((name for name, role in roles.items() if role["role"] == Role.TIMESTAMP), "")

    def _key(self, side: str) -> str:
        if self.data is not None:
            return str(self.data.get(f"{side}-source", ""))
        return self.initial.get(side, "")

    def _side(self, name: str) -> SideForm:
        choices = [*self._own_choice(name), *self._choices]
        key = self._key(name)
        if (source := self.sources[name]) and key and key not in {c for _, g in self._choices for c, _ in g}:
            choices.append((key, str(source.version or source.file)))
        required = name == "current" or self.project_reference is None
        return SideForm(self.data, initial={"source": key}, prefix=name, choices=choices, required=required)

    def _own_choice(self, name: str) -> list[tuple[str, str]]:
        if name == "current" or self.project_reference is None:
            return [("", _("Choose the data"))]
        own = self.project_reference
        words = _("The project's reference: %(name)s") % {"name": own.version or own.file}
        return [("", words)]

    @cached_property
    def _choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Groups of keys and names: versions of data sets, then files, the newest first."""
        versions = DatasetVersion.objects.filter(project=self.project).select_related("dataset")
        files = DataFile.objects.uploaded().filter(project=self.project).only("name", "rows", "uploaded_at")
        return [
            (
                _("Data sets"),
                [(f"version:{each.pk}", str(each)) for each in versions.order_by("-pk")[:MOST_OFFERED]],
            ),
            (_("Files"), [(f"file:{each.pk}", each.name) for each in files[:MOST_OFFERED]]),
        ]

    def _conditions(self, name: str) -> Any:
        selection = getattr(self.earlier, f"{name}_selection", []) if self.earlier else []
        initial = [
            {"column": each["column"], "operator": each["operator"], "values": _written(each["values"])}
            for each in selection
        ]
        kwargs = {"columns": self._names(name)}
        return ConditionFormSet(self.data, initial=initial, prefix=f"{name}-rows", form_kwargs=kwargs)

    def _names(self, side: str) -> set[str] | None:
        """Names of the columns of a side, None before they are known."""
        source = self.sources[side]
        if source is None or source.file.profile is None:
            return None
        return {column["name"] for column in source.file.profile}

    @cached_property
    def _all_columns(self) -> set[str] | None:
        names = [self._names(side) for side in SIDES]
        return set().union(*(name or () for name in names)) if all(n is not None for n in names) else None

    def _selection(self, side: str) -> Selection:
        return selection_of(self.conditions[side], self.sides[side], self.time_column(side))

    def _check_windows(self) -> bool:
        fine = True
        for side, form in self.sides.items():
            if form.is_valid() and form.has_window and not self.time_column(side):
                self.options.add_error(
                    "time_column", _("A window of time needs the column that holds the time.")
                )
                fine = False
        return fine

    def _check_source(self, side: str) -> bool:
        if not (self.sides[side].is_valid() and self.conditions[side].is_valid()):
            return False
        source = self.source(side)
        if source is None:
            return side == "reference"
        try:
            check_source(self.project, source)
        except InputRejected as error:
            self.sides[side].add_error("source", translate(error.message))
            return False
        return True


def _initial(earlier: DriftReport) -> dict[str, str]:
    reference = Source(earlier.reference_file, earlier.reference_version)
    return {"current": source_key(current_of(earlier)), "reference": source_key(reference)}


def _options(spec: Mapping[str, Any], earlier: DriftReport | None) -> dict[str, Any]:
    found: dict[str, Any] = (
        {"name": earlier.name, "time_column": spec.get("time_column", "")} if earlier else {}
    )
    for name in ("drift_share", "confidence"):
        if name in spec:
            found[name] = f"{100 * spec[name]:.6g}"
    return found


def _written(values: Iterable[Any]) -> str:
    """As `ConditionForm` reads them."""
    texts = [str(value) for value in values]
    return ", ".join(f'"{text}"' if "," in text else text for text in texts)
