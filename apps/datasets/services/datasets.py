"""What people do with data sets: data under one name, whose content is replaced by versions."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import Dataset
from apps.datasets.services.about import DatasetAbout, check_about
from apps.datasets.services.versions import version_in_force
from apps.projects.access import Action, require
from apps.projects.models import Project

NAME_CHARACTERS = 120


@transaction.atomic
def add_dataset(
    *,
    project: Project,
    user: User,
    name: str,
    role: str = Dataset.Role.HOLDOUT,
    about: DatasetAbout | None = None,
) -> Dataset:
    """Name data whose content will be replaced from time to time. It has no version yet."""
    require(user, Action.UPLOAD, project)
    about = about or DatasetAbout(owner=user if user.memberships.filter(project=project).exists() else None)
    if role not in Dataset.Role.values:
        raise InputRejected(
            "unknown_role",
            gettext_noop("There is no use “%(role)s” of a data set. Known: %(known)s."),
            role=role,
            known=", ".join(Dataset.Role.values),
        )
    check_about(about, project, None)
    name = _free_name(name, project)
    return Dataset.objects.create(project=project, name=name, role=role, **about.stored())


@transaction.atomic
def edit_dataset(*, dataset: Dataset, user: User, name: str, about: DatasetAbout) -> Dataset:
    """Change what is said about a data set. Columns that it names must be in what it holds now."""
    require(user, Action.UPLOAD, dataset.project)
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    newest = version_in_force(dataset)
    check_about(about, dataset.project, newest.file if newest else None)
    changed = {"name": _free_name(name, dataset.project, dataset), **about.stored()}
    for field, value in changed.items():
        setattr(dataset, field, value)
    dataset.save(update_fields=list(changed))
    return dataset


def _free_name(name: str, project: Project, dataset: Dataset | None = None) -> str:
    """The name without needless spaces; until the end of the transaction nobody else takes it."""
    name = " ".join(name.split())
    if not name:
        raise InputRejected("empty_name", gettext_noop("Give the data set a name, such as “Hold-out”."))
    if len(name) > NAME_CHARACTERS:
        raise InputRejected(
            "name_too_long",
            gettext_noop("A data set's name has at most %(most)d characters."),
            most=NAME_CHARACTERS,
        )
    Project.objects.select_for_update().get(pk=project.pk)  # of two equal names the later one is refused
    others = Dataset.objects.filter(project=project, name=name)
    if (others.exclude(pk=dataset.pk) if dataset else others).exists():
        raise InputRejected(
            "name_taken", gettext_noop("The project has a data set named “%(name)s” already."), name=name
        )
    return name
