"""External ids at the edge: clients may write them as text or as whole numbers, we keep them as text."""

from rest_framework import serializers

MAX_LENGTH = 255


class Refused(Exception):
    """A value is not usable; whoever reads it knows the field's name."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_external_id(value: object, *, max_length: int = MAX_LENGTH) -> str:
    """The id exactly as given: "0042" stays "0042", 18446744073709551616 keeps its digits. Raises Refused."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise Refused("invalid", "An id is text or a whole number.")
    if not value:
        raise Refused("blank", "An id must not be empty.")
    if len(value) > max_length:
        raise Refused("max_length", f"An id has at most {max_length} characters.")
    if "\x00" in value:
        raise Refused("nul_character", "An id must not contain the NUL character.")
    return value


def path_id(field: str, value: str) -> str:
    """An id out of the URL. Raises DRF's ValidationError that names `field`."""
    try:
        return read_external_id(value)
    except Refused as refused:
        raise serializers.ValidationError({field: [refused.detail]}, code=refused.code) from None


class ExternalIdField(serializers.Field[str, object, str, object]):
    """`read_external_id` as a serializer's field."""

    def to_internal_value(self, data: object) -> str:
        try:
            return read_external_id(data)
        except Refused as refused:
            raise serializers.ValidationError(refused.detail, code=refused.code) from None

    def to_representation(self, value: str) -> str:
        return value
