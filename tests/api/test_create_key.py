from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from api.authentication import verified_keys
from api.models import ApiKey

pytestmark = pytest.mark.django_db


def test_the_command_prints_a_key_that_opens_with_its_scopes():
    printed = StringIO()

    call_command("create_key", "shop", "--scopes", "read, events", stdout=printed, stderr=StringIO())

    client = verified_keys().client(printed.getvalue().strip())
    assert client is not None
    assert client.name == "shop"
    assert client.scopes == frozenset({"read", "events"})


def test_only_the_hash_is_kept():
    printed = StringIO()

    call_command("create_key", "shop", stdout=printed, stderr=StringIO())

    _, _, secret = printed.getvalue().strip().partition(".")
    assert secret not in str(ApiKey.objects.values())


def test_an_unknown_scope_makes_no_key():
    with pytest.raises(CommandError, match="unknown: write"):
        call_command("create_key", "shop", "--scopes", "read,write")

    assert not ApiKey.objects.exists()
