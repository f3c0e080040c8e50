"""Pages of projects and their members."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView, TemplateView, View

from apps.accounts.models import User
from apps.common.translate import translate
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects import services
from apps.projects.access import Action, allowed, require, role_of
from apps.projects.forms import MemberForm, NewProjectForm, ProjectForm, RoleForm
from apps.projects.models import Membership, Project, Role

SORTS: dict[str, list[str | OrderBy]] = {
    "name": ["name", "pk"],
    "-name": ["-name", "-pk"],
    "runs": ["run_count", "pk"],
    "-runs": ["-run_count", "-pk"],
    "activity": ["last_activity", "pk"],
    "-activity": [F("last_activity").desc(nulls_last=True), "-pk"],
}
PAGE_SIZE = 50


class ProjectMixin(LoginRequiredMixin):
    """Finds the project of the address among those that the reader may see, before anything else runs."""

    request: HttpRequest
    kwargs: dict[str, Any]
    #: What the reader must be allowed to do.
    action = Action.VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        require(self.person, self.action, self.project)
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    @cached_property
    def project(self) -> Project:
        return get_object_or_404(Project.objects.visible_to(self.person), slug=self.kwargs["project"])

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        actions = allowed(self.person, self.project)
        may = {action.value: action in actions for action in Action}
        return {**context, "project": self.project, "may": may}


class ProjectList(LoginRequiredMixin, ListView[Project]):
    template_name = "projects/list.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[Project]:
        user = cast(User, self.request.user)
        own = Membership.objects.filter(project=OuterRef("pk"), user=user)
        projects = Project.objects.visible_to(user).annotate(
            own_role=Subquery(own.values("role")[:1]),
            run_count=F("last_run_number"),  # runs are never deleted
            last_activity=Max("jobs__created_at"),
        )
        if self.query:
            projects = projects.filter(Q(name__icontains=self.query) | Q(description__icontains=self.query))
        return projects.order_by(*SORTS[self.sort])

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").strip()[:200]  # PostgreSQL knows no NUL

    @property
    def sort(self) -> str:
        sort = self.request.GET.get("sort", "name")
        return sort if sort in SORTS else "name"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for project in context["object_list"]:
            project.role_label = Role(project.own_role).label if project.own_role else _("Site admin")
        return {**context, "query": self.query, "sort": self.sort}


class ProjectCreate(LoginRequiredMixin, FormView[NewProjectForm]):
    template_name = "projects/create.html"
    form_class = NewProjectForm

    def form_valid(self, form: NewProjectForm) -> HttpResponse:
        try:
            project = services.create_project(user=cast(User, self.request.user), **form.cleaned_data)
        except InputRejected as error:
            form.add_error("slug", translate(error.message))
            return self.form_invalid(form)
        return redirect("projects:detail", project.slug)


class ProjectDetail(ProjectMixin, TemplateView):
    template_name = "projects/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        members = self.project.memberships.select_related("user").order_by("pk")[:20]
        role = role_of(self.person, self.project)
        return super().get_context_data(members=members, role=role.label if role else "", **kwargs)


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
            return redirect("projects:list")  # somebody took themselves out
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
