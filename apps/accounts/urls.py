"""Settings pages."""

from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.Settings.as_view(), name="settings"),
    path("tokens/", views.Tokens.as_view(), name="tokens"),
    path("tokens/<int:pk>/revoke/", views.TokenRevoke.as_view(), name="token-revoke"),
    path("people/", views.People.as_view(), name="people"),
    path("people/<int:pk>/", views.PersonChange.as_view(), name="person"),
]
