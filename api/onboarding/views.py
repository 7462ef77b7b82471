"""What a new user can choose, what a user chose, and the link to the pages that ask."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from api.candidates.requests import body_values, query_values
from api.external_ids import path_id
from api.models import Scope
from api.onboarding import documents
from api.onboarding.parameters import AnswerBody, InterestsParameters
from api.request_ids import request_id_of
from api.view import ApiView, json_response
from coldstart.interests import (
    InvalidAnswer,
    answer_of,
    answer_survey,
    current_consent,
    example_titles,
    limits,
    offered_interests,
    withdraw_answer,
)
from coldstart.interests.answering import Answer
from coldstart.links import expires_at, welcome_path


class Interests(ApiView):
    required_scope = Scope.READ

    @documents.interests
    def get(self, request: Request, **_: str) -> HttpResponse:
        chosen = query_values(request.query_params, InterestsParameters).get("chosen", ())
        offered, consent = offered_interests(chosen), current_consent()
        titles = example_titles(offered)
        least, most = limits(len(offered))
        interests = [
            {
                "id": one.slug,
                "name": one.name,
                "tags": one.tags,
                "categories": one.categories,
                "color": one.color,
                "picture_url": one.picture_url or None,
                "examples": titles[one.id],
            }
            for one in offered
        ]
        return json_response(
            {
                "request_id": request_id_of(request),
                "least": least,
                "most": most,
                "interests": interests,
                "consent": {"version": consent.version, "text": consent.text},
            }
        )


class UserInterests(ApiView):
    required_scope = {"GET": Scope.READ, "PUT": Scope.CATALOG, "DELETE": Scope.CATALOG}

    @documents.user_interests
    def get(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        user = path_id("user_id", user_id)
        return json_response(_body(request, user, answer_of(user)))

    @documents.put_user_interests
    def put(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        user = path_id("user_id", user_id)
        values = body_values(request.data, AnswerBody)
        try:
            answer = answer_survey(
                user, values["interests"], consent_version=values["consent_version"], now=timezone.now()
            )
        except InvalidAnswer as error:
            raise ValidationError({error.field: [str(error)]}, code=error.code) from None
        return json_response(_body(request, user, answer))

    @documents.delete_user_interests
    def delete(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        user = path_id("user_id", user_id)
        withdraw_answer(user)
        return json_response(_body(request, user, None))


class WelcomeLink(ApiView):
    required_scope = Scope.CATALOG

    @documents.welcome_link
    def post(self, request: Request, user_id: str, **_: str) -> HttpResponse:
        user, now = path_id("user_id", user_id), timezone.now()
        return json_response(
            {
                "request_id": request_id_of(request),
                "user_id": user,
                "url": request.build_absolute_uri(welcome_path(user)),
                "expires_at": expires_at(now),
            }
        )


def _body(request: Request, user: str, answer: Answer | None) -> dict[str, Any]:
    return {
        "request_id": request_id_of(request),
        "user_id": user,
        "interests": [{"id": one.slug, "name": one.name} for one in answer.interests] if answer else [],
        "consent_version": answer.consent_version if answer else None,
        "answered_at": answer.answered_at if answer else None,
    }
