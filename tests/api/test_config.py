import pytest
from django.core.exceptions import ImproperlyConfigured

from api.config import config
from api.models import Scope


@pytest.fixture(autouse=True)
def _fresh_config():
    config.cache_clear()
    yield
    config.cache_clear()


def test_every_scope_has_a_rate():
    assert set(config().rates) == set(Scope.values)


def test_a_rate_that_cannot_be_read_names_its_variable(settings):
    settings.API = {**settings.API, "rates": {"read": "plenty"}}

    with pytest.raises(ImproperlyConfigured, match="RATE_READ is 'plenty'"):
        config()
