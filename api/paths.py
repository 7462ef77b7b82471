"""Ids in paths: anything but nothing, slashes and line breaks included; WSGI has decoded %2F long before us."""

from django.urls import register_converter


class AnyText:
    regex = r"(?s:.+)"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AnyText, "any")
