"""What people type about projects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.projects.models import Membership, Project, Role
from apps.projects.services import RESERVED_SLUGS


class ProjectForm(forms.ModelForm[Project]):
    class Meta:
        model = Project
        fields = ["name", "description", "domain", "use_case"]
        widgets = {
            "name": forms.TextInput(attrs={"class": "input"}),
            "domain": forms.TextInput(attrs={"class": "input"}),
            "use_case": forms.Select(attrs={"class": "input select"}),
            "description": forms.Textarea(attrs={"class": "input", "rows": 4}),
        }
        help_texts = {
            "description": _("What is it for, and for whom? One or two sentences."),
            "domain": _("Part of the company: “Retail supply”."),
        }


class NewProjectForm(ProjectForm):
    slug = forms.SlugField(
        label=_("Short name"),
        required=False,
        max_length=60,
        help_text=_("Stands in addresses and scripts. Made from the name when left empty."),
        widget=forms.TextInput(attrs={"class": "input"}),
    )

    class Meta(ProjectForm.Meta):
        fields = ["name", "slug", "description", "domain", "use_case"]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and (slug in RESERVED_SLUGS or Project.objects.filter(slug=slug).exists()):
            raise forms.ValidationError(_("This short name is taken. Choose another."), code="slug_taken")
        return slug


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"class": "input"}))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.ENGINEER,
        widget=forms.Select(attrs={"class": "input select"}),
    )


class RoleForm(forms.ModelForm[Membership]):
    """One row of the list of members."""

    class Meta:
        model = Membership
        fields = ["role"]
        widgets = {"role": forms.Select(attrs={"class": "input select fit"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].widget.attrs["aria-label"] = _("Role of %(person)s") % {
            "person": self.instance.user
        }
