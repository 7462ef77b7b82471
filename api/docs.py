"""The API's own description: the OpenAPI document and a page to read it, without a request to another host."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Schema(SpectacularAPIView):
    """OpenAPI 3.1: YAML, or JSON with `?format=json`. Open to everyone, so made once per process."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = type(request.accepted_renderer)
        document = _document(renderer)  # type: ignore[arg-type]  # mypy takes a class for its instances
        return HttpResponse(document, content_type=renderer.media_type)


class Docs(SpectacularSwaggerSplitView):
    """Swagger's page in two requests, because the content policy allows no script inside the page."""

    template_name = "api/docs.html"
    url_name = "schema"


@cache
def _document(renderer: type[BaseRenderer]) -> str | bytes:
    generator = SchemaGenerator(api_version="v1")  # type: ignore[no-untyped-call]
    schema = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return renderer().render(schema, renderer_context={})
