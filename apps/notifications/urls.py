"""Pages of this app: webhooks of a project, and settings of a person."""

from django.urls import path

from apps.notifications import views

app_name = "notifications"
urlpatterns = [
    path("projects/<slug:project>/webhooks/", views.WebhookList.as_view(), name="webhooks"),
    path("projects/<slug:project>/webhooks/new/", views.WebhookCreate.as_view(), name="new"),
    path("projects/<slug:project>/webhooks/<int:pk>/", views.WebhookEdit.as_view(), name="webhook"),
    path("projects/<slug:project>/webhooks/<int:pk>/delete/", views.WebhookDelete.as_view(), name="delete"),
    path("projects/<slug:project>/webhooks/<int:pk>/secret/", views.WebhookSecret.as_view(), name="secret"),
    path("projects/<slug:project>/webhooks/<int:pk>/test/", views.WebhookTest.as_view(), name="test"),
    path("projects/<slug:project>/webhooks/log/", views.DeliveryList.as_view(), name="deliveries"),
    path(
        "projects/<slug:project>/webhooks/log/<int:pk>/again/", views.DeliveryReplay.as_view(), name="replay"
    ),
    path("settings/notifications/", views.PreferenceEdit.as_view(), name="preference"),
    path("settings/notifications/test/", views.TestMail.as_view(), name="test-mail"),
]
