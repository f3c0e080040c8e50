"""Pages of projects and their members."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from apps.accounts.models import User
from apps.common.translate import translate
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects import services
from apps.projects.access import Action, allowed, require
from apps.projects.forms import MemberForm, NewProjectForm, ProjectForm, RoleForm
from apps.projects.models import Membership, Project, Role


class ProjectMixin(LoginRequiredMixin):
    """Finds the project of the address among those that the reader may see, before anything else runs."""

    request: HttpRequest
    kwargs: dict[str, Any]
    #: What the reader must be allowed to do.
    action = Action.VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if self.action not in self.actions:
            require(self.person, self.action, self.project)  # says which role is needed
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    @cached_property
    def project(self) -> Project:
        return get_object_or_404(Project.objects.visible_to(self.person), slug=self.kwargs["project"])

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    @cached_property
    def actions(self) -> frozenset[Action]:
        """What the reader may do, asked once a page."""
        return allowed(self.person, self.project)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        may = {action.value: action in self.actions for action in Action}
        return {**context, "project": self.project, "may": may}


class ProjectCreate(LoginRequiredMixin, FormView[NewProjectForm]):
    template_name = "projects/create.html"
    form_class = NewProjectForm

    def form_valid(self, form: NewProjectForm) -> HttpResponse:
        try:
            project = services.create_project(user=cast(User, self.request.user), **form.cleaned_data)
        except InputRejected as error:
            form.add_error("slug", translate(error.message))
            return self.form_invalid(form)
        return redirect("dashboards:project", project.slug)


class ProjectSettings(ProjectMixin, FormView[ProjectForm]):
    template_name = "projects/settings.html"
    form_class = ProjectForm
    action = Action.MANAGE

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy: an invalid form would change the name that the page's head shows.
        return {**super().get_form_kwargs(), "instance": Project.objects.get(pk=self.project.pk)}

    def form_valid(self, form: ProjectForm) -> HttpResponse:
        services.edit_project(project=self.project, user=self.person, **form.cleaned_data)
        messages.success(self.request, _("The project was changed."))
        return redirect("projects:settings", self.project.slug)


class MemberList(ProjectMixin, FormView[MemberForm]):
    """Everybody sees who is in; owners add people."""

    template_name = "projects/members.html"
    form_class = MemberForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.ADMINISTER, self.project)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: MemberForm) -> HttpResponse:
        try:
            member = services.add_member(project=self.project, user=self.person, **form.cleaned_data)
        except InputRejected as error:
            form.add_error("email", translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("%(person)s is a member now.") % {"person": member.user})
        return redirect("projects:members", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        members = self.project.memberships.select_related("user").order_by("user__name", "pk")
        context["rows"] = [(m, RoleForm(instance=m, auto_id=f"role-{m.pk}")) for m in members]
        return context


class MemberChange(ProjectMixin, View):
    """Change a role or, with ``remove``, take a member out."""

    action = Action.ADMINISTER

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        memberships = Membership.objects.select_related("user", "project").filter(project=self.project)
        membership = get_object_or_404(memberships, pk=kwargs["member"])
        try:
            messages.success(request, self.change(membership))
        except InputRejected as error:
            messages.error(request, translate(error.message))
        if not Project.objects.visible_to(self.person).filter(pk=self.project.pk).exists():
            return redirect("dashboards:portfolio")  # somebody took themselves out
        return redirect("projects:members", self.project.slug)

    def change(self, membership: Membership) -> str:
        """Do what the pressed button says; returns the sentence that tells of it."""
        if "remove" in self.request.POST:
            services.remove_member(membership=membership, user=self.person)
            return _("%(person)s is no member any more.") % {"person": membership.user}
        form = RoleForm(self.request.POST, instance=membership)
        if not form.is_valid():
            raise InputRejected(
                "unknown_role", gettext_noop("There is no such role. Choose one of the list.")
            )
        role = Role(form.cleaned_data["role"])
        services.change_role(membership=membership, user=self.person, role=role)
        return _("%(person)s has the role “%(role)s” now.") % {"person": membership.user, "role": role.label}
