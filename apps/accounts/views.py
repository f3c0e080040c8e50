"""Settings of a person, API tokens, and the people of the portal."""

from __future__ import annotations

from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView, UpdateView, View

from apps.accounts import services
from apps.accounts.forms import PersonForm, ProfileForm, TokenForm
from apps.accounts.models import ApiToken, User
from apps.common.translate import translate
from apps.compute.messages import InputRejected


class Settings(LoginRequiredMixin, UpdateView[User, ProfileForm]):
    template_name = "accounts/settings.html"
    form_class = ProfileForm
    success_url = reverse_lazy("accounts:settings")

    def get_object(self, queryset: Any = None) -> User:
        return User.objects.get(pk=cast(int, self.request.user.pk))

    def form_valid(self, form: ProfileForm) -> HttpResponse:
        services.rename(user=cast(User, self.request.user), name=form.cleaned_data["name"])
        messages.success(self.request, _("Your name was changed."))
        return redirect(str(self.success_url))


class Tokens(LoginRequiredMixin, FormView[TokenForm]):
    """A new key is part of this one answer and of nothing else: no address, no session, no log."""

    template_name = "accounts/tokens.html"
    form_class = TokenForm

    def form_valid(self, form: TokenForm) -> HttpResponse:
        user = cast(User, self.request.user)
        token, key = services.create_token(user=user, **form.cleaned_data)
        response = self.render_to_response(self.get_context_data(form=TokenForm(), made=token, key=key))
        response.headers["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tokens = ApiToken.objects.filter(user=cast(User, self.request.user), revoked_at=None)
        return {**super().get_context_data(**kwargs), "tokens": tokens}


class TokenRevoke(LoginRequiredMixin, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(ApiToken, pk=pk, user=cast(User, request.user))
        services.revoke_token(token=token)
        messages.success(request, _("The token “%(name)s” works no more.") % {"name": token.name})
        return redirect("accounts:tokens")


class AdminMixin(LoginRequiredMixin, UserPassesTestMixin):
    """Site admins only; others are forbidden."""

    request: HttpRequest
    raise_exception = False

    def test_func(self) -> bool:
        return cast(User, self.request.user).is_superuser

    def handle_no_permission(self) -> Any:
        self.raise_exception = self.request.user.is_authenticated
        return super().handle_no_permission()


class People(AdminMixin, ListView[User]):
    template_name = "accounts/people.html"
    queryset = User.objects.order_by("name", "email").annotate(
        has_second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk")))
    )
    paginate_by = 50

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", PersonForm())
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make an account; its password is shown once, in this answer."""
        form = PersonForm(request.POST)
        made: dict[str, Any] = {}
        if form.is_valid():
            person, password = services.create_person(**form.cleaned_data)
            made = {"made": person, "password": password}
        self.object_list = self.get_queryset()
        response = self.render_to_response(self.get_context_data(form=PersonForm() if made else form, **made))
        response.headers["Cache-Control"] = "no-store"
        return response


class PersonChange(AdminMixin, View):
    """Switch an account on or off, make or unmake a site admin, give a new password, or take away a lost
    second factor."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk)
        user = cast(User, request.user)
        try:
            if "password" in request.POST:
                return self.show_password(person, services.reset_password(person=person))
            if "second-factor" in request.POST:
                services.remove_second_factors(person=person)
                messages.success(
                    request, _("%(person)s signs in by password alone now.") % {"person": person}
                )
            elif "active" in request.POST:
                services.set_active(person=person, user=user, active=request.POST["active"] == "1")
            elif "admin" in request.POST:
                services.set_admin(person=person, user=user, admin=request.POST["admin"] == "1")
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("accounts:people")

    def show_password(self, person: User, password: str) -> HttpResponse:
        """On a page of its own and not in a message, which would be kept in the session."""
        response = render(self.request, "accounts/password.html", {"person": person, "password": password})
        response.headers["Cache-Control"] = "no-store"
        return response
