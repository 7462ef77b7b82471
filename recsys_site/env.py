"""Reads the environment and refuses to guess: an unknown word or a missing variable stops the start."""

import math
import os
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class Environment:
    """The process's environment, read with types; `production` makes variables without a value an error."""

    def __init__(self, variables: dict[str, str] | None = None) -> None:
        self._variables = dict(os.environ) if variables is None else variables
        self.name = self._variables.get("DJANGO_ENV", "development")
        if self.name not in {"development", "production"}:
            raise ImproperlyConfigured(f"DJANGO_ENV is {self.name!r}: use 'development' or 'production'.")

    @property
    def production(self) -> bool:
        return self.name == "production"

    def text(self, name: str, *, development: str | None = None, default: str | None = None) -> str:
        """The variable; `development` fills it outside production only, `default` everywhere."""
        value = self._variables.get(name)
        if value:
            return value
        if default is not None:
            return default
        if development is not None and not self.production:
            return development
        raise ImproperlyConfigured(f"Set the environment variable {name} (DJANGO_ENV={self.name}).")

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._variables.get(name)
        if value is None:
            return default
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        raise ImproperlyConfigured(f"{name} is {value!r}: use 1 or 0.")

    def integer(self, name: str, *, default: int, minimum: int = 0) -> int:
        value = self._variables.get(name)
        if value is None or value == "":
            return default
        try:
            number = int(value)
        except ValueError:
            raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number.") from None
        if number < minimum:
            raise ImproperlyConfigured(f"{name} is {number}: use {minimum} or more.")
        return number

    def number(
        self, name: str, *, default: float, minimum: float = -math.inf, maximum: float = math.inf
    ) -> float:
        value = self._variables.get(name)
        if value is None or value == "":
            return default
        try:
            number = float(value)
        except ValueError:
            raise ImproperlyConfigured(f"{name} is {value!r}: use a number.") from None
        if not minimum <= number <= maximum:
            raise ImproperlyConfigured(f"{name} is {value}: use a number from {minimum:g} to {maximum:g}.")
        return number

    def choice(self, name: str, allowed: Sequence[str], *, default: str) -> str:
        value = self.text(name, default=default)
        if value not in allowed:
            raise ImproperlyConfigured(f"{name} is {value!r}: use one of {', '.join(allowed)}.")
        return value

    def words(self, name: str, *, development: str | None = None, default: str | None = None) -> list[str]:
        """A comma-separated list."""
        if default == "" and not self._variables.get(name):
            return []
        value = self.text(name, development=development, default=default)
        return [word.strip() for word in value.split(",") if word.strip()]

    def __contains__(self, name: object) -> bool:
        return bool(isinstance(name, str) and self._variables.get(name))
