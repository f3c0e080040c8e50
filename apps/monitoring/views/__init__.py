"""Pages of this app."""

from apps.monitoring.views.aging import MonitorAging
from apps.monitoring.views.alerts import AlertDetail, AllAlerts, ProjectAlerts
from apps.monitoring.views.asking import (
    MonitorArchive,
    MonitorCreate,
    MonitorEdit,
    MonitorModels,
    MonitorPause,
    MonitorResume,
)
from apps.monitoring.views.batches import BatchDetail, BatchDrift, BatchList, LabelList
from apps.monitoring.views.monitor import MonitorDetail
from apps.monitoring.views.monitors import AllMonitors, MonitorList
from apps.monitoring.views.uploads import BatchUpload, LabelUploadPage

__all__ = [
    "AlertDetail",
    "AllAlerts",
    "AllMonitors",
    "BatchDetail",
    "BatchDrift",
    "BatchList",
    "BatchUpload",
    "LabelList",
    "LabelUploadPage",
    "MonitorAging",
    "MonitorArchive",
    "MonitorCreate",
    "MonitorDetail",
    "MonitorEdit",
    "MonitorList",
    "MonitorModels",
    "MonitorPause",
    "MonitorResume",
    "ProjectAlerts",
]
