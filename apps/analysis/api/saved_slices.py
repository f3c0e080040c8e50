"""Saved slices over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.analysis.models import SavedSlice
from apps.analysis.saved_slices import MOST_CHARACTERS, delete_slice, save_slice
from apps.compute.conditions import Op
from apps.projects.api.rows import OneOf, ProjectField, ProjectFilter, ProjectRowsViewSet, ProjectSlug


class SliceConditionSerializer(serializers.Serializer[Any]):
    column = serializers.CharField(max_length=1_000, trim_whitespace=False)
    op = OneOf(choices=[op.value for op in Op])
    values = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, default=list
    )


class SavedSliceSerializer(serializers.ModelSerializer[SavedSlice]):
    project = ProjectSlug()
    conditions = SliceConditionSerializer(many=True)
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = SavedSlice
        fields = ["id", "project", "name", "conditions", "created_by", "created_at"]
        read_only_fields = fields


class SavedSliceFields(serializers.Serializer[Any]):
    project = ProjectField(parent=True, help_text="Short name of the project.")
    name = serializers.CharField(max_length=MOST_CHARACTERS)
    conditions = SliceConditionSerializer(many=True, help_text="A row fits if all of them hold.")


@extend_schema_view(
    list=extend_schema(summary="List saved slices", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One saved slice"),
)
@extend_schema(tags=["analyses"])
class SavedSliceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectRowsViewSet[SavedSlice]):
    queryset = SavedSlice.objects.none()
    serializer_class = SavedSliceSerializer

    def rows(self) -> QuerySet[SavedSlice]:
        return SavedSlice.objects.select_related("project", "created_by").order_by("pk")

    @extend_schema(
        summary="Save a slice",
        description=(
            "The newest runs and every new one are measured on it; the metrics have the slice column “saved "
            "slice” and its name as the value, which requirements can use."
        ),
        request=SavedSliceFields,
        responses={201: SavedSliceSerializer},
    )
    def create(self, request: Request) -> Response:
        saved = save_slice(user=self.person, **self.sent(SavedSliceFields))
        return Response(SavedSliceSerializer(saved).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Delete a saved slice and what was measured on it", responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        delete_slice(saved=self.get_object(), user=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)
