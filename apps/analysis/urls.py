"""Pages of this app: of one run, and of the project."""

from django.urls import path

from apps.analysis import views

app_name = "analysis"
RUN = "projects/<slug:project>/runs/<int:number>/deeper/"
PROJECT = "projects/<slug:project>/"
SLICES, ERRORS, FAIRNESS, SAVED = (f"{RUN}{name}/" for name in ("slices", "errors", "fairness", "saved"))
FAULTS, PROTOCOL = f"{RUN}faults/", f"{RUN}protocols/"
ANSWER = "<int:analysis>/"
urlpatterns = [
    path(RUN, views.Overview.as_view(), name="overview"),
    path(f"{RUN}{ANSWER}again/", views.AskAgain.as_view(), name="ask-again"),
    path(SLICES, views.AskSlices.as_view(), name="ask-slices"),
    path(f"{SLICES}{ANSWER}", views.SlicesAnswer.as_view(), name="slices"),
    path(f"{SLICES}{ANSWER}<int:found>/save/", views.SaveFound.as_view(), name="save-found"),
    path(ERRORS, views.AskErrors.as_view(), name="ask-errors"),
    path(f"{ERRORS}{ANSWER}", views.ErrorsAnswer.as_view(), name="errors"),
    path(f"{ERRORS}{ANSWER}csv/", views.ErrorsCsv.as_view(), name="errors-csv"),
    path(FAIRNESS, views.AskFairness.as_view(), name="ask-fairness"),
    path(f"{FAIRNESS}{ANSWER}", views.FairnessAnswer.as_view(), name="fairness"),
    path(FAULTS, views.AskFaults.as_view(), name="ask-faults"),
    path(f"{FAULTS}{ANSWER}", views.FaultsAnswer.as_view(), name="faults"),
    path(f"{FAULTS}{ANSWER}csv/", views.SuspectsCsv.as_view(), name="suspects-csv"),
    path(f"{FAULTS}{ANSWER}relabel/", views.RelabelUpload.as_view(), name="relabel"),
    path(f"{RUN}relabelled/<int:relabelling>/", views.RelabellingDetail.as_view(), name="relabelling"),
    path(PROTOCOL, views.AskProtocol.as_view(), name="ask-protocol"),
    path(f"{PROTOCOL}{ANSWER}", views.ProtocolAnswer.as_view(), name="protocol"),
    path(SAVED, views.AskSavedSlices.as_view(), name="ask-saved-slices"),
    path(f"{SAVED}{ANSWER}", views.MeasuredSlices.as_view(), name="measured-slices"),
    path(f"{PROJECT}slices/", views.SavedSlices.as_view(), name="saved-slices"),
    path(f"{PROJECT}slices/<int:saved_slice>/delete/", views.DeleteSlice.as_view(), name="delete-slice"),
    path(f"{PROJECT}standing/<int:standing>/stop/", views.StopAsking.as_view(), name="stop-asking"),
]
