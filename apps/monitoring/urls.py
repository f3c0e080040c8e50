"""Pages of this app, named from the root: of one project, and of all."""

from django.urls import path

from apps.monitoring import views

app_name = "monitoring"
MONITORS = "projects/<slug:project>/monitors/"
MONITOR = f"{MONITORS}<int:number>/"
ALERTS = "projects/<slug:project>/alerts/"
urlpatterns = [
    path("monitors/", views.AllMonitors.as_view(), name="all"),
    path(MONITORS, views.MonitorList.as_view(), name="list"),
    path(f"{MONITORS}new/", views.MonitorCreate.as_view(), name="new"),
    path(MONITOR, views.MonitorDetail.as_view(), name="detail"),
    path(f"{MONITOR}aging/", views.MonitorAging.as_view(), name="aging"),
    path(f"{MONITOR}settings/", views.MonitorEdit.as_view(), name="edit"),
    path(f"{MONITOR}models/", views.MonitorModels.as_view(), name="models"),
    path(f"{MONITOR}pause/", views.MonitorPause.as_view(), name="pause"),
    path(f"{MONITOR}resume/", views.MonitorResume.as_view(), name="resume"),
    path(f"{MONITOR}archive/", views.MonitorArchive.as_view(), name="archive"),
    path(f"{MONITOR}batches/", views.BatchList.as_view(), name="batches"),
    path(f"{MONITOR}batches/upload/", views.BatchUpload.as_view(), name="upload-batch"),
    path(f"{MONITOR}batches/<int:batch>/", views.BatchDetail.as_view(), name="batch"),
    path(f"{MONITOR}batches/<int:batch>/drift/", views.BatchDrift.as_view(), name="batch-drift"),
    path(f"{MONITOR}labels/", views.LabelList.as_view(), name="labels"),
    path(f"{MONITOR}labels/upload/", views.LabelUploadPage.as_view(), name="upload-labels"),
    path("alerts/", views.AllAlerts.as_view(), name="alerts"),
    path(ALERTS, views.ProjectAlerts.as_view(), name="project-alerts"),
    path(f"{ALERTS}<int:alert>/", views.AlertDetail.as_view(), name="alert"),
]
