"""Which arms of which experiments a user is in, without asking for candidates."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from api.candidates.parameters import StrictSerializer
from api.candidates.requests import query_values
from api.external_ids import path_id
from api.models import Scope
from api.openapi import USER_ID
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from experiments.assignment import Assignment, assign
from experiments.running import running_experiments

_Document = serializers.Serializer[Any]


class AssignmentsParameters(StrictSerializer):
    surface = serializers.SlugField(
        required=False, max_length=40, help_text="Only experiments of this surface; every one's where absent."
    )


class AssignmentDocument(_Document):
    experiment = serializers.CharField()
    variant = serializers.CharField()
    surface = serializers.CharField(allow_blank=True, help_text="Empty: every surface.")
    control = serializers.BooleanField()
    holdout = serializers.BooleanField(
        help_text="Of the long-run holdout; whoever is in its control is in no other experiment."
    )
    forced = serializers.BooleanField(help_text="Set by staff, and not counted.")
    mix = serializers.IntegerField(
        allow_null=True, help_text="Revision that the arm is served; null: as published."
    )
    model = serializers.IntegerField(allow_null=True, help_text="Model version; null: the live one.")


class AssignmentsAnswer(_Document):
    request_id = serializers.CharField()
    user_id = serializers.CharField()
    assignments = AssignmentDocument(
        many=True,
        help_text="Of the experiments that run and that the user is in; an experiment may take a part only.",
    )


class UserAssignments(ApiView):
    required_scope = Scope.READ

    @extend_schema(
        operation_id="user_assignments",
        tags=["users"],
        summary="Experiments that a user is in",
        description="The same in every process and for every request, whether the catalogue knows the user or not. "
        "Asking exposes nobody: only an answer with candidates does.",
        parameters=[USER_ID, AssignmentsParameters],
        responses={200: AssignmentsAnswer},
    )
    def get(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        surface = query_values(request.query_params, AssignmentsParameters).get("surface")
        user = path_id("user_id", user_id)
        found = assign(user, surface, running_experiments())
        body = {"request_id": request_id_of(request), "user_id": user}
        return json_response({**body, "assignments": [_document(one) for one in found]})


def _document(one: Assignment) -> dict[str, Any]:
    return {
        "experiment": one.experiment.name,
        "variant": one.arm.name,
        "surface": one.experiment.surface,
        "control": one.arm.control,
        "holdout": one.experiment.holdout,
        "forced": one.forced,
        "mix": one.arm.settings.mix_revision,
        "model": one.arm.settings.model_version,
    }
