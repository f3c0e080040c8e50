"""Pages of the life of a project, below /projects/<project>/."""

from django.urls import path

from apps.lifecycle import views

app_name = "lifecycle"
urlpatterns = [
    path("discovery/", views.Discovery.as_view(), name="discovery"),
    path("discovery/start/", views.StartDiscovery.as_view(), name="start-discovery"),
    path("discovery/timebox/", views.ChangeTimebox.as_view(), name="timebox"),
    path("hypotheses/<int:number>/settle/", views.Settle.as_view(), name="settle"),
    path("hypotheses/<int:number>/reopen/", views.ReopenHypothesis.as_view(), name="reopen-hypothesis"),
    path("delivery/", views.Delivery.as_view(), name="delivery"),
    path("delivery/agree/", views.AgreeScope.as_view(), name="agree-scope"),
    path("deliverables/<int:number>/done/", views.Finish.as_view(), name="finish"),
    path("deliverables/<int:number>/reopen/", views.ReopenDeliverable.as_view(), name="reopen-deliverable"),
    path("deliverables/<int:number>/resize/", views.Resize.as_view(), name="resize"),
    path("deliverables/<int:number>/remove/", views.TakeOut.as_view(), name="take-out"),
    path("fit/", views.FitSheet.as_view(), name="fit"),
    path("fit/<slug:question>/", views.AnswerFit.as_view(), name="answer-fit"),
    path("gate/<slug:gate>/", views.GatePage.as_view(), name="gate"),
    path("gate/<slug:gate>/criteria/", views.AddCriterion.as_view(), name="add-criterion"),
    path("criteria/<int:pk>/judge/", views.JudgeCriterion.as_view(), name="judge-criterion"),
    path("criteria/<int:pk>/remove/", views.RemoveCriterion.as_view(), name="remove-criterion"),
    path("decisions/", views.DecisionList.as_view(), name="decisions"),
    path("decisions/<int:number>/", views.DecisionPage.as_view(), name="decision"),
    path("retire/", views.Retire.as_view(), name="retire"),
]
