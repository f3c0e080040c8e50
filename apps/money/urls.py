"""Pages of this app: of one run, and of the project."""

from django.urls import path

from apps.money import views

app_name = "money"
RUN = "projects/<slug:project>/runs/<int:number>/deeper/money/"
urlpatterns = [
    path(RUN, views.AskMoney.as_view(), name="ask"),
    path(f"{RUN}<int:analysis>/", views.MoneyAnswer.as_view(), name="answer"),
    path("projects/<slug:project>/money/", views.MoneyOfRuns.as_view(), name="runs"),
]
