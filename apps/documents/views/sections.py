"""Writing one section."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.documents.completeness import LEAST_WORDS
from apps.documents.difference import compare_texts
from apps.documents.forms import NotNeededForm, SectionForm
from apps.documents.reading import read_text
from apps.documents.sections import BY_KEY, Section
from apps.documents.services import clean_text, mark_not_needed, newest_version, save_section
from apps.documents.views.document import DocumentMixin
from apps.projects.access import Action


class SectionMixin(DocumentMixin):
    """A known section, for those who may write."""

    action = Action.UPLOAD

    @cached_property
    def section(self) -> Section:
        section = BY_KEY.get(self.kwargs["section"])
        if section is None:
            raise Http404
        return section

    @property
    def title(self) -> str:
        return gettext(self.section.title)

    @property
    def saved_text(self) -> str:
        text: str = self.newest.sections.get(self.section.key, "") if self.newest else ""
        return text

    @property
    def base(self) -> int:
        return self.newest.number if self.newest else 0

    def get_success_url(self) -> str:
        return f"{reverse('documents:detail', args=[self.project.slug])}#{self.section.key}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("reading", read_text(self.project, self.section, self.saved_text))
        kwargs.setdefault("form", SectionForm(initial={"text": self.draft(), "based_on": self.base}))
        kwargs.setdefault("reason_form", NotNeededForm(initial={"based_on": self.base}))
        return super().get_context_data(
            section=self.section, title=self.title, least_words=LEAST_WORDS, newest=self.newest, **kwargs
        )

    def draft(self) -> str:
        """The present text; for an empty section the headings that await their answers."""
        if self.saved_text:
            return self.saved_text
        return "\n".join(f"## {gettext(question.title)}\n\n" for question in self.section.questions)


class SectionEdit(SectionMixin, FormView[SectionForm]):
    """``preview`` shows the text as it would be read, and saves nothing."""

    template_name = "documents/section.html"
    form_class = SectionForm

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.draft(), "based_on": self.base}

    def form_valid(self, form: SectionForm) -> HttpResponse:
        text = form.cleaned_data["text"]
        try:
            if "preview" in self.request.POST:
                preview = read_text(self.project, self.section, clean_text(text))
                return self.shown(form, preview=preview, reading=preview)
            save_section(
                project=self.project,
                user=self.person,
                key=self.section.key,
                text=text,
                based_on=form.cleaned_data["based_on"],
                note=form.cleaned_data["note"],
            )
        except InputRejected as error:
            return self.refused(form, error)
        messages.success(self.request, _("“%(section)s” was saved.") % {"section": self.title})
        return redirect(self.get_success_url())

    def refused(self, form: SectionForm, error: InputRejected) -> HttpResponse:
        """Nothing typed is lost. After a change by somebody else, the form builds on theirs."""
        if error.code != "changed_meanwhile":
            form.add_error("text", translate(error.message))
            return self.form_invalid(form)
        self.newest = newest_version(self.project)
        again = SectionForm(initial={**form.cleaned_data, "based_on": self.base})
        lines = list(compare_texts(self.saved_text, clean_text(form.cleaned_data["text"])))
        return self.shown(again, theirs=self.newest, lines=lines, conflict=translate(error.message))

    def shown(self, form: SectionForm, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, **context))


class SectionNotNeeded(SectionMixin, FormView[NotNeededForm]):
    template_name = "documents/section.html"
    form_class = NotNeededForm
    http_method_names = ["post"]

    def form_valid(self, form: NotNeededForm) -> HttpResponse:
        try:
            mark_not_needed(
                project=self.project,
                user=self.person,
                key=self.section.key,
                reason=form.cleaned_data["reason"],
                based_on=form.cleaned_data["based_on"],
            )
        except InputRejected as error:
            form.add_error("reason", translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("“%(section)s” is marked as not needed.") % {"section": self.title})
        return redirect(self.get_success_url())

    def form_invalid(self, form: NotNeededForm) -> HttpResponse:
        initial = {"text": self.draft(), "based_on": self.base}
        context = self.get_context_data(reason_form=form, form=SectionForm(initial=initial))
        return self.render_to_response(context)
