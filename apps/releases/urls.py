"""Pages of model versions and retraining, below /projects/<project>/models/."""

from django.urls import path

from apps.releases import views

app_name = "releases"
urlpatterns = [
    path("", views.ModelList.as_view(), name="list"),
    path("<int:pk>/", views.VersionPage.as_view(), name="version"),
    path("rule/", views.RulePage.as_view(), name="rule"),
    path("retraining/", views.RetrainingList.as_view(), name="retraining"),
    path("retraining/new/", views.AskRetraining.as_view(), name="ask"),
    path("retraining/<int:number>/", views.RequestPage.as_view(), name="request"),
    path("retraining/<int:number>/answer/", views.AnswerRequest.as_view(), name="answer"),
]
