"""Steps 2 to 4 of an upload: match the columns, check them, evaluate."""

from __future__ import annotations

import json
import shlex
from pathlib import PurePath
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.compute.profile import ColumnProfile
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role, roles_from_json
from apps.datasets.columns import PAGE_SIZE, UNUSED, Checked, Column, check, column_page, profiles_of
from apps.datasets.forms import ColumnRolesForm
from apps.datasets.models import DataFile
from apps.datasets.services import set_roles
from apps.datasets.views import FileMixin
from apps.evaluations.forms import RunForm
from apps.evaluations.models import Run
from apps.evaluations.provenance import lines_of_parameters
from apps.evaluations.services import RunFields, submit_run
from apps.projects.access import Action

MOST_PARENTS = 200
TRAINING = (DataFile.Purpose.DATA, DataFile.Purpose.TRUTH)


class Columns(FileMixin, TemplateView):
    """One page for the three steps. Every post keeps what was said about the columns.

    The buttons of the form are named ``do``: ``check``, ``evaluate``, ``find`` (columns by name) and
    ``page-<n>`` (another page of the columns of a wide file). ``?run=<number>`` starts from what was said
    for that run.
    """

    action = Action.UPLOAD
    template_name = "evaluations/columns.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.file.is_read:
            return redirect(request.get_full_path())
        columns = ColumnRolesForm(request.POST, columns=self._posted_columns(), roles=self.roles)
        valid = columns.is_valid()
        if valid:
            self.roles = {**self.roles, **columns.roles()}
            set_roles(file=self.file, user=self.person, roles=self.roles)
        form = self._form(request.POST)
        if (
            request.POST.get("do") == "evaluate"
            and valid
            and form.is_valid()
            and not self._check(form).faults
        ):
            try:
                return self._submit(form)
            except InputRejected as error:
                form.add_error(None, translate(error.message))
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.file.is_read:
            return context
        form = context.get("form") or self._form(None)
        posted = self.request.POST
        checked = self._check(form)
        find = posted.get("find", "").strip()[:200]
        page = column_page(self.profiles, self.roles, find, _wanted_page(posted))
        fields = ColumnRolesForm(columns=[(c.place, c.name) for c in page], roles=self.roles)
        return {
            **context,
            "form": form,
            "page": page,
            "rows": [_row(column, fields, checked) for column in page],
            "general_faults": checked.faults.get(None, []),
            "fault_count": checked.fault_count,
            "find": find,
            "wide": len(self.profiles) > PAGE_SIZE,
            "posted": bool(posted),
            "earlier": self.earlier,
            "step": 3 if posted.get("do") in ("check", "evaluate") else 2,
            "command": self._command(form),
        }

    @cached_property
    def profiles(self) -> list[ColumnProfile]:
        return profiles_of(self.file)

    @cached_property
    def earlier(self) -> Run | None:
        """The run to start from, if the address names one."""
        number = self.request.GET.get("run", "")
        if not number.isdecimal() or len(number) > 9:
            return None
        runs = Run.objects.select_related("model_version__model").defer("result", "join_report")
        return runs.filter(project=self.project, file=self.file, number=int(number)).first()

    @cached_property
    def roles(self) -> dict[str, ColumnRole]:
        """The use of every column as it is known before this request."""
        roles = roles_from_json(self.file.roles)
        if self.earlier is not None and ("first" in self.request.POST or not self.request.POST):
            roles |= roles_from_json(self.earlier.roles)
        return {p.name: roles.get(p.name, ColumnRole(Role.IGNORE)) for p in self.profiles}

    @cached_property
    def truths(self) -> QuerySet[DataFile]:
        files = DataFile.objects.filter(project=self.project, purpose=DataFile.Purpose.TRUTH)
        return files.filter(rows__isnull=False)

    @cached_property
    def trainings(self) -> QuerySet[DataFile]:
        """What a model may have been trained on: data and truth that were uploaded."""
        return DataFile.objects.filter(project=self.project, purpose__in=TRAINING).defer("profile", "roles")

    @cached_property
    def parents(self) -> QuerySet[Run]:
        """The newest runs, and the one that the earlier run was made from."""
        newest = Q(number__gt=self.project.last_run_number - MOST_PARENTS)
        if self.earlier is not None and self.earlier.parent_id is not None:
            newest |= Q(pk=self.earlier.parent_id)
        return Run.objects.filter(newest, project=self.project).only("number", "name")

    def _posted_columns(self) -> list[tuple[int, str]]:
        places = (key.removeprefix("role-") for key in self.request.POST if key.startswith("role-"))
        known = [int(place) for place in places if place.isdecimal() and len(place) < 7]
        return [(place, self.profiles[place].name) for place in known if place < len(self.profiles)]

    def _form(self, data: Any) -> RunForm:
        return RunForm(
            data,
            initial=self._initial() if data is None else None,
            truths=self.truths.defer("profile"),
            trainings=self.trainings,
            parents=self.parents,
            columns=set(self.roles),
        )

    def _initial(self) -> dict[str, Any]:
        if (run := self.earlier) is None:
            judged_here = any(use.role is Role.TARGET for use in self.roles.values())
            truth = None if judged_here else self.truths.defer("profile").first()
            return {"name": PurePath(self.file.name).stem.split(".")[0][:200], "truth": truth}
        version = run.model_version
        return {
            "name": run.name,
            "notes": run.notes,
            "model": version.model.name if version else "",
            "model_version": version.label if version else "",
            "baseline": bool(version and version.model.kind == version.model.Kind.BASELINE),
            "code_revision": run.code_revision,
            "truth": run.truth_id,
            "task": run.task if run.task == Task.PROTOCOL else "",
            "positive": run.positive,
            "threshold": run.threshold,
            "cross_slices": "\n".join(" × ".join(group) for group in run.cross_slices),
            "evaluated_at": run.evaluated_at,
            "parent": run.parent_id,
            "parameters": lines_of_parameters(run.parameters),
            "training": run.training_id,
            "training_hash": run.training_hash,
        }

    def _truth(self, form: RunForm) -> DataFile | None:
        if not form.is_bound:
            chosen = form.initial.get("truth")
            return self.truths.filter(pk=getattr(chosen, "pk", chosen)).first() if chosen else None
        form.is_valid()
        truth: DataFile | None = form.cleaned_data.get("truth")
        return truth

    def _command(self, form: RunForm) -> str:
        """The curl command that does the same as this page, for the columns that have a use."""
        used = {
            name: role.to_json() if role.label else role.role.value
            for name, role in self.roles.items()
            if role.role not in UNUSED
        }
        truth, task = self._truth(form), form["task"].value()
        lines = [
            f"curl {self.request.build_absolute_uri('/api/v1/runs/')}",
            '-H "Authorization: Bearer $MLSD_TOKEN"',
            f"-F project={self.project.slug}",
            f"-F file=@{shlex.quote(self.file.name)}",
            *([f"-F truth={truth.pk}"] if truth else []),
            *([f"-F task={task}"] if task else []),
            f"-F roles={shlex.quote(json.dumps(used, ensure_ascii=False))}",
        ]
        return " \\\n  ".join(lines)

    def _check(self, form: RunForm) -> Checked:
        if form["task"].value() == Task.PROTOCOL:
            return Checked({}, {})  # each protocol checks the columns that it is given
        truth = self._truth(form)
        return check(self.profiles, self.roles, roles_from_json(truth.roles) if truth else None)

    def _submit(self, form: RunForm) -> HttpResponse:
        fields = dict(form.cleaned_data)
        files = {name: fields.pop(name) for name in ("truth", "training", "parent")}
        submitted = submit_run(
            project=self.project,
            user=self.person,
            file=self.file,
            **files,
            fields=RunFields(**fields, roles=self.roles),
        )
        return redirect("evaluations:detail", self.project.slug, submitted.run.number)


def _row(column: Column, fields: ColumnRolesForm, checked: Checked) -> dict[str, Any]:
    role, label = fields[f"role-{column.place}"], fields[f"label-{column.place}"]
    faults = checked.faults.get(column.name, [])
    if faults:
        role.field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"check-{column.place}"}
    return {
        "column": column,
        "role": role,
        "label": label,
        "faults": faults,
        "fine": checked.fine.get(column.name, column.summary),
    }


def _wanted_page(posted: Any) -> str | None:
    do = str(posted.get("do", ""))
    return do.removeprefix("page-") if do.startswith("page-") else posted.get("shown")
