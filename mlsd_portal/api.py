"""The one router of the REST API, version 1, and its documentation."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from apps.accounts.api.views import ApiTokenViewSet
from apps.analysis.api.relabellings import RelabellingViewSet
from apps.analysis.api.saved_slices import SavedSliceViewSet
from apps.analysis.api.views import AnalysisViewSet, StandingViewSet
from apps.common.problems import not_found
from apps.dashboards.api.views import ChangeViewSet, PortfolioViewSet, WaitingViewSet
from apps.datasets.api.datasets import DatasetViewSet
from apps.datasets.api.differences import VersionDifferenceViewSet
from apps.datasets.api.expectations import CheckViewSet, ExpectationViewSet
from apps.datasets.api.views import DataFileViewSet
from apps.documents.api.views import ArchitectureDecisionViewSet, DocumentViewSet
from apps.drift.api.views import DriftReportViewSet, MethodViewSet, ReferenceViewSet
from apps.evaluations.api.comparisons import BaselineViewSet, ComparisonViewSet
from apps.evaluations.api.policies import PolicyViewSet
from apps.evaluations.api.views import RunViewSet
from apps.jobs.api.views import JobViewSet
from apps.ledger.api.views import LedgerChangeViewSet
from apps.lifecycle.api.decisions import (
    CriterionViewSet,
    DecisionViewSet,
    FitAnswerViewSet,
    GateViewSet,
)
from apps.lifecycle.api.views import (
    DeliverableViewSet,
    HypothesisViewSet,
    PhaseViewSet,
    ScopeChangeViewSet,
)
from apps.monitoring.api.rows import AlertViewSet, BatchViewSet, LabelUploadViewSet
from apps.monitoring.api.views import MonitorViewSet
from apps.notifications.api.views import DeliveryViewSet, PreferenceViewSet, WebhookViewSet
from apps.projects.api.views import ProjectViewSet
from apps.releases.api.views import ModelVersionViewSet, RetrainingRequestViewSet, StageChangeViewSet
from apps.requirements.api.conflicts import ConflictViewSet
from apps.requirements.api.views import RequirementViewSet, StakeholderViewSet, ValueCaseViewSet

router = SimpleRouter()
router.register("projects", ProjectViewSet, "project")
router.register("files", DataFileViewSet, "file")
router.register("datasets", DatasetViewSet, "dataset")
router.register("version-differences", VersionDifferenceViewSet, "version-difference")
router.register("expectations", ExpectationViewSet, "expectation")
router.register("checks", CheckViewSet, "check")
router.register("runs", RunViewSet, "run")
router.register("comparisons", ComparisonViewSet, "comparison")
router.register("analyses", AnalysisViewSet, "analysis")
router.register("standing-analyses", StandingViewSet, "standing-analysis")
router.register("saved-slices", SavedSliceViewSet, "saved-slice")
router.register("relabellings", RelabellingViewSet, "relabelling")
router.register("baselines", BaselineViewSet, "baseline")
router.register("evaluation-policies", PolicyViewSet, "evaluation-policy")
router.register("drift-reports", DriftReportViewSet, "drift-report")
router.register("drift-references", ReferenceViewSet, "drift-reference")
router.register("drift-methods", MethodViewSet, "drift-method")
router.register("stakeholders", StakeholderViewSet, "stakeholder")
router.register("requirements", RequirementViewSet, "requirement")
router.register("conflicts", ConflictViewSet, "conflict")
router.register("value-cases", ValueCaseViewSet, "value-case")
router.register("phases", PhaseViewSet, "phase")
router.register("hypotheses", HypothesisViewSet, "hypothesis")
router.register("deliverables", DeliverableViewSet, "deliverable")
router.register("scope-changes", ScopeChangeViewSet, "scope-change")
router.register("fit-answers", FitAnswerViewSet, "fit-answer")
router.register("gates", GateViewSet, "gate")
router.register("criteria", CriterionViewSet, "criterion")
router.register("decisions", DecisionViewSet, "decision")
router.register("model-versions", ModelVersionViewSet, "model-version")
router.register("stage-changes", StageChangeViewSet, "stage-change")
router.register("retraining-requests", RetrainingRequestViewSet, "retraining-request")
router.register("portfolio", PortfolioViewSet, "portfolio")
router.register("waiting", WaitingViewSet, "waiting")
router.register("changes", ChangeViewSet, "change")
router.register("documents", DocumentViewSet, "document")
router.register("architecture-decisions", ArchitectureDecisionViewSet, "architecture-decision")
router.register("ledger-changes", LedgerChangeViewSet, "ledger-change")
router.register("monitors", MonitorViewSet, "monitor")
router.register("batches", BatchViewSet, "batch")
router.register("label-uploads", LabelUploadViewSet, "label-upload")
router.register("alerts", AlertViewSet, "alert")
router.register("webhooks", WebhookViewSet, "webhook")
router.register("deliveries", DeliveryViewSet, "delivery")
router.register("notification-preference", PreferenceViewSet, "notification-preference")
router.register("jobs", JobViewSet, "job")
router.register("tokens", ApiTokenViewSet, "token")

urlpatterns = [
    path("v1/", include((router.urls, "api"))),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-swagger"),
    path("redoc/", SpectacularRedocView.as_view(url_name="api-schema"), name="api-redoc"),
    re_path(r"^", not_found),
]
