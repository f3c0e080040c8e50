"""What is expected of data sets, and checks of their versions, over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.common.formats import message
from apps.compute import expectations
from apps.compute.expectations import KINDS
from apps.datasets.checking import record
from apps.datasets.models import Check, CheckResult, Dataset, DatasetVersion, Expectation
from apps.datasets.services import expectations as services
from apps.projects.access import Action, require, visible
from apps.projects.api.rows import Asked, OneOf, ProjectField, ProjectRowsViewSet, ProjectSlug, RowField
from apps.projects.api.rows import SentenceField as StoredSentence


def _datasets(user: User) -> QuerySet[Dataset]:
    return Dataset.objects.visible_to(user).select_related("project")


def _versions(user: User) -> QuerySet[DatasetVersion]:
    rows = DatasetVersion.objects.select_related("project", "dataset", "file")
    return visible(rows.defer("file__profile", "file__roles"), user)


class DescribedSerializer(serializers.Serializer[Any]):
    """The row as a sentence; the names of data sets come from the view."""

    sentence = serializers.SerializerMethodField(help_text="What is expected, in words.")

    def get_sentence(self, row: Expectation | CheckResult) -> str:
        return message(expectations.describe(record(row), self.context["names"]))


class ExpectationSerializer(DescribedSerializer, serializers.ModelSerializer[Expectation]):
    project = ProjectSlug()
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Expectation
        fields = [
            *("id", "project", "dataset", "kind", "columns", "params", "severity", "note", "sentence"),
            *("created_by", "created_at"),
        ]
        read_only_fields = fields


class ExpectationEditSerializer(serializers.Serializer[Any]):
    columns = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False), required=False, help_text="Names of columns."
    )
    params = serializers.DictField(required=False, help_text="Settings; GET /expectations/kinds/ lists them.")
    severity = OneOf(choices=Expectation.Severity.choices, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=services.NOTE_CHARACTERS)


class ExpectationAddSerializer(ExpectationEditSerializer):
    dataset = RowField(_datasets, parent=True, help_text="Id of the data set.")
    kind = OneOf(choices=[(kind.key, kind.label) for kind in KINDS.values()])


class ParamSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    help = serializers.SerializerMethodField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = serializers.SerializerMethodField()

    def get_label(self, param: Any) -> str:
        return _(param.label)

    def get_help(self, param: Any) -> str:
        return _(param.help) if param.help else ""

    def get_choices(self, param: Any) -> list[str]:
        return [key for key, _label in param.choices]


class KindSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    description = serializers.SerializerMethodField()
    least_columns = serializers.IntegerField()
    most_columns = serializers.IntegerField()
    params = ParamSerializer(many=True)

    def get_label(self, kind: Any) -> str:
        return _(kind.label)

    def get_description(self, kind: Any) -> str:
        return _(kind.description)


class ProposalSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.CharField(source="expectation.kind")
    columns = serializers.ListField(source="expectation.columns")
    params = serializers.DictField(source="expectation.params")
    sentence = serializers.SerializerMethodField()
    reason = StoredSentence()

    def get_sentence(self, proposal: expectations.Proposal) -> str:
        return message(expectations.describe(proposal.expectation))


class DatasetAsked(Asked):
    dataset = RowField(_datasets, parent=True, help_text="Id of the data set.")


class ExpectationFilter(Asked):
    project = ProjectField(required=False, help_text="Short name of a project.")
    dataset = RowField(_datasets, parent=True, required=False, help_text="Id of a data set.")


class AcceptSuggestionsSerializer(serializers.Serializer[Any]):
    dataset = RowField(_datasets, parent=True, help_text="Id of the data set.")
    keys = serializers.ListField(child=serializers.CharField(max_length=16), max_length=10_000)
    severity = OneOf(choices=Expectation.Severity.choices, required=False, default=Expectation.Severity.WARN)


class NamesMixin(ProjectRowsViewSet[Any]):
    """Sentences name other data sets."""

    def get_serializer_context(self) -> dict[str, Any]:
        names = dict(Dataset.objects.visible_to(self.person).values_list("pk", "name"))
        return {**super().get_serializer_context(), "names": names}


@extend_schema_view(
    list=extend_schema(summary="List what is expected of data sets", parameters=[ExpectationFilter]),
    retrieve=extend_schema(summary="One expectation"),
    destroy=extend_schema(summary="Expect it no longer"),
)
@extend_schema(tags=["data sets"])
class ExpectationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, NamesMixin
):
    queryset = Expectation.objects.none()
    serializer_class = ExpectationSerializer
    filters = ExpectationFilter

    def rows(self) -> QuerySet[Expectation]:
        return Expectation.objects.select_related("project", "dataset", "created_by")

    @extend_schema(
        summary="Expect something of every version of a data set",
        request=ExpectationAddSerializer,
        responses={201: ExpectationSerializer},
    )
    def create(self, request: Request) -> Response:
        row = services.add_expectation(user=self.person, **self.sent(ExpectationAddSerializer))
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Expect it differently", request=ExpectationEditSerializer, responses=ExpectationSerializer
    )
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        require(self.person, Action.UPLOAD, row.project)  # before the body is judged
        changed = services.change_expectation(
            expectation=row, user=self.person, **self.sent(ExpectationEditSerializer, partial=True)
        )
        return Response(self.get_serializer(changed).data)

    def perform_destroy(self, instance: Expectation) -> None:
        services.delete_expectation(expectation=instance, user=self.person)

    @extend_schema(summary="Kinds of expectations and their settings", responses=KindSerializer(many=True))
    @action(detail=False, pagination_class=None)
    def kinds(self, request: Request) -> Response:
        return Response(KindSerializer(KINDS.values(), many=True).data)

    @extend_schema(
        summary="What the newest version in force suggests to expect",
        parameters=[DatasetAsked],
        responses=ProposalSerializer(many=True),
    )
    @action(detail=False, pagination_class=None)
    def suggestions(self, request: Request) -> Response:
        _version, proposals = services.suggestions(self.asked(DatasetAsked)["dataset"])
        return Response(ProposalSerializer(proposals, many=True).data)

    @extend_schema(
        summary="Expect what was suggested",
        request=AcceptSuggestionsSerializer,
        responses={201: ExpectationSerializer(many=True)},
    )
    @suggestions.mapping.post
    def accept_suggestions(self, request: Request) -> Response:
        added = services.accept_suggestions(user=self.person, **self.sent(AcceptSuggestionsSerializer))
        return Response(self.get_serializer(added, many=True).data, status=status.HTTP_201_CREATED)


class CheckResultSerializer(DescribedSerializer, serializers.ModelSerializer[CheckResult]):
    message = StoredSentence(help_text="What was found.")

    class Meta:
        model = CheckResult
        fields = [
            *("expectation", "kind", "columns", "params", "severity", "sentence", "state", "message"),
            *("tested", "violations", "examples"),
        ]
        read_only_fields = fields


class CheckSerializer(serializers.ModelSerializer[Check]):
    project = ProjectSlug()
    dataset = serializers.IntegerField(source="version.dataset_id", read_only=True)
    number = serializers.IntegerField(source="version.number", read_only=True)
    version_state = serializers.CharField(source="version.state", read_only=True)

    class Meta:
        model = Check
        fields = [
            *("id", "project", "dataset", "version", "number", "version_state", "job"),
            *("passed", "warned", "blocked", "created_at", "finished_at"),
        ]
        read_only_fields = fields


class CheckDetailSerializer(CheckSerializer):
    results = CheckResultSerializer(many=True, read_only=True)

    class Meta(CheckSerializer.Meta):
        fields = [*CheckSerializer.Meta.fields, "results"]
        read_only_fields = fields


class CheckFilter(Asked):
    project = ProjectField(required=False, help_text="Short name of a project.")
    dataset = RowField(
        _datasets, parent=True, required=False, source="version__dataset", help_text="Id of a data set."
    )
    version = RowField(_versions, parent=True, required=False, help_text="Id of a version.")


class CheckAddSerializer(serializers.Serializer[Any]):
    version = RowField(_versions, parent=True, help_text="Id of the version.")


class AcceptSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=services.REASON_CHARACTERS, help_text="Why it may pass.")


@extend_schema_view(
    list=extend_schema(summary="List checks, the newest first", parameters=[CheckFilter]),
    retrieve=extend_schema(
        summary="One check with its results and example rows", responses=CheckDetailSerializer
    ),
)
@extend_schema(tags=["data sets"])
class CheckViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, NamesMixin):
    queryset = Check.objects.none()
    serializer_class = CheckSerializer
    filters = CheckFilter

    def rows(self) -> QuerySet[Check]:
        rows = Check.objects.select_related("project", "version__dataset", "version__project")
        return rows.prefetch_related("results") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> Any:
        return CheckDetailSerializer if self.action == "retrieve" else CheckSerializer

    @extend_schema(
        summary="Check a version with what is expected now",
        description="Follow the job; a check that is under way is answered and not doubled.",
        request=CheckAddSerializer,
        responses={202: CheckSerializer},
    )
    def create(self, request: Request) -> Response:
        check = services.recheck(user=self.person, **self.sent(CheckAddSerializer))
        return Response(self.get_serializer(check).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Let the version of this check pass", request=AcceptSerializer, responses=CheckSerializer
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str | None = None) -> Response:
        check = self.get_object()
        require(self.person, Action.MANAGE, check.project)  # before the body is judged
        check.version = services.accept_version(
            version=check.version, user=self.person, **self.sent(AcceptSerializer)
        )
        return Response(CheckSerializer(check).data)
