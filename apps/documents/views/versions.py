"""The versions of the document, and what differs between two of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.generic import ListView, TemplateView

from apps.documents.difference import compare
from apps.documents.forms import DifferenceForm
from apps.documents.models import DocumentVersion
from apps.documents.sections import BY_KEY
from apps.documents.services import newest_version
from apps.projects.views import ProjectMixin

PAGE_SIZE = 50


class VersionList(ProjectMixin, ListView[DocumentVersion]):
    template_name = "documents/versions.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[DocumentVersion]:
        versions = DocumentVersion.objects.filter(project=self.project).select_related("author")
        return versions.defer("sections", "not_needed")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for version in context["object_list"]:
            section = BY_KEY.get(version.changed)
            version.section_title = gettext(section.title) if section else ""
            version.before = version.number - 1
        newest = context["page_obj"].paginator.count
        form = DifferenceForm(initial={"old": max(0, newest - 1), "new": newest})
        return {**context, "form": form, "newest": newest}


class Difference(ProjectMixin, TemplateView):
    """``?old=3&new=5``; without numbers, what the newest version changed."""

    template_name = "documents/difference.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = newest_version(self.project)
        if newest is None:
            raise Http404
        given = {"old": max(0, newest.number - 1), "new": newest.number, **self.request.GET.dict()}
        form = DifferenceForm(given)
        if not form.is_valid():
            raise BadRequest(_("Name two versions of the document by their numbers."))
        old, new = (self.version(form.cleaned_data[name]) for name in ("old", "new"))
        return super().get_context_data(
            form=form,
            old=form.cleaned_data["old"],
            new=form.cleaned_data["new"],
            newest=newest.number,
            old_version=old,
            new_version=new,
            changes=compare(old, new),
            **kwargs,
        )

    def version(self, number: int) -> DocumentVersion | None:
        if number == 0:
            return None
        versions = DocumentVersion.objects.filter(project=self.project).select_related("author")
        version = versions.filter(number=number).first()
        if version is None:
            raise Http404(_("The document has no version %(number)d.") % {"number": number})
        return version
