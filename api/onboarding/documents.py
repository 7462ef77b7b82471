"""Onboarding, as OpenAPI shows it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from api.onboarding.parameters import AnswerBody, InterestsParameters
from api.openapi import USER_ID

_Document = serializers.Serializer[Any]


class Interest(_Document):
    id = serializers.CharField()
    name = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    categories = serializers.ListField(child=serializers.CharField())
    color = serializers.CharField(help_text="Of a tile, like #08736c.")
    picture_url = serializers.CharField(allow_null=True, help_text="A path on this site.")
    examples = serializers.ListField(
        child=serializers.CharField(), help_text="Titles that show what is meant, the best first."
    )


class ConsentText(_Document):
    version = serializers.CharField(help_text="Send it with the answer.")
    text = serializers.CharField(help_text="Show it to the user.")


class InterestsAnswer(_Document):
    request_id = serializers.CharField()
    least = serializers.IntegerField(help_text="How many an answer chooses at least.")
    most = serializers.IntegerField(help_text="How many it chooses at most.")
    interests = Interest(many=True, help_text="In the order in which to show them.")
    consent = ConsentText()


class ChosenInterest(_Document):
    id = serializers.CharField()
    name = serializers.CharField()


class UserInterestsAnswer(_Document):
    request_id = serializers.CharField()
    user_id = serializers.CharField()
    interests = ChosenInterest(
        many=True, help_text="In the order of choice; empty where nothing was answered."
    )
    consent_version = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class WelcomeLinkAnswer(_Document):
    request_id = serializers.CharField()
    user_id = serializers.CharField()
    url = serializers.CharField(help_text="Of the user's onboarding page, on this host.")
    expires_at = serializers.DateTimeField()


_TAGS = ["onboarding"]
interests = extend_schema(
    operation_id="onboarding_interests",
    tags=_TAGS,
    summary="What a new user can choose",
    description="For a survey of your own. The ready-made one is behind `welcome-link`.",
    parameters=[InterestsParameters],
    responses={200: InterestsAnswer},
)
user_interests = extend_schema(
    operation_id="user_interests",
    tags=_TAGS,
    summary="What a user chose",
    parameters=[USER_ID],
    responses={200: UserInterestsAnswer},
)
put_user_interests = extend_schema(
    operation_id="put_user_interests",
    tags=_TAGS,
    summary="Store what a user chose",
    description="Replaces an earlier answer; the very next candidates know. A user who is not in the catalogue yet is "
    "made.",
    parameters=[USER_ID],
    request=AnswerBody,
    responses={200: OpenApiResponse(UserInterestsAnswer)},
    examples=[
        OpenApiExample(
            "Three interests",
            request_only=True,
            value={"interests": ["horror", "drama-war", "comedy-1990s"], "consent_version": "2026-01"},
        )
    ],
)
delete_user_interests = extend_schema(
    operation_id="delete_user_interests",
    tags=_TAGS,
    summary="Forget what a user chose",
    description="With the agreement. Done again, it changes nothing and is no error.",
    parameters=[USER_ID],
    responses={200: UserInterestsAnswer},
)
welcome_link = extend_schema(
    operation_id="welcome_link",
    tags=_TAGS,
    summary="A signed link to a user's onboarding page",
    description="Send the user there: who has the link answers for the user until it expires.",
    parameters=[USER_ID],
    request=None,
    responses={200: WelcomeLinkAnswer},
)
