"""Pages of requirements, below /projects/<project>/requirements/."""

from django.urls import path

from apps.requirements import views

app_name = "requirements"
urlpatterns = [
    path("", views.RequirementList.as_view(), name="list"),
    path("new/", views.RequirementCreate.as_view(), name="create"),
    path("stakeholders/", views.StakeholderList.as_view(), name="stakeholders"),
    path("stakeholders/<int:pk>/", views.StakeholderEdit.as_view(), name="stakeholder"),
    path("stakeholders/<int:pk>/delete/", views.StakeholderDelete.as_view(), name="delete-stakeholder"),
    path("matrix/", views.Matrix.as_view(), name="matrix"),
    path("conflicts/<int:pk>/", views.ConflictPage.as_view(), name="conflict"),
    path("conflicts/<int:pk>/card/", views.ConflictCard.as_view(), name="conflict-card"),
    path("calculator/", views.Calculator.as_view(), name="calculator"),
    path("value/", views.ValuePage.as_view(), name="value"),
    path("value/<int:number>/approve/", views.ApproveValue.as_view(), name="approve-value"),
    path("<int:number>/", views.RequirementDetail.as_view(), name="detail"),
    path("<int:number>/edit/", views.RequirementEdit.as_view(), name="edit"),
    path("<int:number>/withdraw/", views.RequirementWithdraw.as_view(), name="withdraw"),
    path("<int:number>/evidence/", views.EvidenceCreate.as_view(), name="evidence"),
    path("<int:number>/waiver/", views.WaiverCreate.as_view(), name="waiver"),
    path("<int:number>/waiver/revoke/", views.WaiverRevoke.as_view(), name="revoke-waiver"),
    path("<int:number>/stance/", views.StanceChange.as_view(), name="stance"),
]
