"""Pages of this app."""

from django.urls import path

from apps.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.Ledger.as_view(), name="ledger"),
    path("record/", views.Record.as_view(), name="record"),
    path("<int:change>/edit/", views.Edit.as_view(), name="edit"),
]
