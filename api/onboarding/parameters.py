from rest_framework import serializers

from api.candidates.parameters import StrictSerializer, Text, Texts


class AnswerBody(StrictSerializer):
    interests = serializers.ListField(
        child=Text(max_length=50, trim_whitespace=False),
        max_length=100,
        help_text="What the user chose, by `id`, in the order of choice.",
    )
    consent_version = Text(
        max_length=40, trim_whitespace=False, help_text="Of the text that the user agreed to."
    )


class InterestsParameters(StrictSerializer):
    chosen = Texts(
        help_text="What the user chose so far, by `id`: where the survey is adaptive, what tells most then comes next."
    )
