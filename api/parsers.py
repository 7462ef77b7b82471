"""DRF's door to `api.strict_json`: the size cap, the media type, the errors."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser

from api.config import config
from api.strict_json import loads


class BodyTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Reads application/json. Raises MalformedJSON (400), BodyTooLarge (413), UnsupportedMediaType (415)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        meta = parser_context["request"].META if parser_context else {}
        if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise exceptions.UnsupportedMediaType(str(media_type), "Send the body without Content-Encoding.")
        limit = config().max_body_bytes
        if int(meta.get("CONTENT_LENGTH") or 0) > limit:
            raise _too_large(limit)
        body: bytes = stream.read(limit + 1)
        if len(body) > limit:
            raise _too_large(limit)
        return loads(body, max_depth=config().max_json_depth)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limit} bytes: send it in parts.")
