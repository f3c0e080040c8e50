"""The document as a page and as files."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from apps.documents import exports
from apps.documents.completeness import LEAST_WORDS, SectionState
from apps.documents.models import ArchitectureDecision, DocumentVersion
from apps.documents.reading import read_document
from apps.documents.services import newest_version
from apps.projects.views import ProjectMixin


class DocumentMixin(ProjectMixin):
    """The version of ``?version=``, or the newest one; None before the first."""

    @cached_property
    def newest(self) -> DocumentVersion | None:
        return newest_version(self.project)

    @cached_property
    def version(self) -> DocumentVersion | None:
        wanted = self.request.GET.get("version", "")
        if not wanted:
            return self.newest
        if not wanted.isdecimal() or len(wanted) > 9:
            raise Http404
        versions = DocumentVersion.objects.filter(project=self.project).select_related("author")
        return get_object_or_404(versions, number=int(wanted))


class DocumentDetail(DocumentMixin, TemplateView):
    template_name = "documents/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        document = read_document(self.project, self.version)
        return super().get_context_data(
            document=document,
            version=self.version,
            newest=self.newest,
            is_old=self.version != self.newest,
            counts={state.value: document.count(state) for state in SectionState},
            least_words=LEAST_WORDS,
            decisions=ArchitectureDecision.objects.filter(project=self.project).order_by("number"),
            **kwargs,
        )


class ExportMarkdown(DocumentMixin, View):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = exports.to_markdown(self.project, self.version)
        return HttpResponse(
            text, content_type="text/markdown; charset=utf-8", headers=_attachment(self.project.slug, "md")
        )


class ExportHtml(DocumentMixin, View):
    """A download, never a page of the portal: it brings its own style."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(
            exports.to_html_file(self.project, self.version), headers=_attachment(self.project.slug, "html")
        )


def _attachment(slug: str, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{slug}-design.{ending}"'}
