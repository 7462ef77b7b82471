"""Which role may do what: the rule, and that the groups in the database follow it."""

from itertools import pairwise

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from console.roles import (
    ADMINISTRATOR,
    ENGINEER,
    OURS,
    ROLES,
    TUNER,
    VIEWER,
    keep_roles,
    line_for,
    roles_with,
)
from tests.console.staff import staff_who_may

pytestmark = pytest.mark.django_db


def held_by(role: str) -> set[str]:
    rows = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_every_permission_of_ours_falls_into_a_role():
    rows = Permission.objects.filter(content_type__app_label__in=OURS)
    names = rows.values_list("content_type__app_label", "content_type__model", "codename")

    assert len(names) > 50
    assert [name for name in names if line_for(*name) is None] == []


def test_each_role_may_do_what_the_one_before_it_may_and_more():
    held = [held_by(role) for role in ROLES]

    assert all(lower < higher for lower, higher in pairwise(held))
    assert len(held[-1]) == Permission.objects.count()


@pytest.mark.parametrize(
    ("permission", "lowest"),
    [
        ("retrieval.view_mixrevision", VIEWER),
        ("retrieval.view_daytotals", VIEWER),
        ("catalog.view_item", VIEWER),
        ("catalog.view_user", TUNER),
        ("coldstart.view_surveyanswer", TUNER),
        ("experiments.change_experiment", TUNER),
        ("retrieval.change_publishedmix", TUNER),
        ("retrieval.change_livepointer", ENGINEER),
        ("catalog.change_item", ENGINEER),
        ("catalog.delete_user", ADMINISTRATOR),
        ("api.view_apikey", ADMINISTRATOR),
        ("auth.change_user", ADMINISTRATOR),
    ],
)
def test_the_groups_hold_what_the_rule_says(permission: str, lowest: str):
    assert tuple(role for role in ROLES if permission in held_by(role)) == ROLES[ROLES.index(lowest) :]


def test_a_verb_or_a_model_that_nobody_thought_of_has_a_role_too():
    assert roles_with("retrieval", "mixrevision", "publish_mixrevision")[0] == TUNER
    assert roles_with("retrieval", "mixdraft", "approve_mixdraft")[0] == TUNER
    assert roles_with("catalog", "user", "erase_user") == (ADMINISTRATOR,)
    assert roles_with("catalog", "importrun", "add_importrun")[0] == ENGINEER
    assert roles_with("somebody", "elses", "view_elses") == (ADMINISTRATOR,)
    assert line_for("somebody", "elses", "view_elses") is None


def test_what_was_changed_by_hand_is_put_right_and_other_groups_are_left_alone():
    own = Group.objects.create(name="auditors")
    keys = Permission.objects.get(codename="view_apikey", content_type__app_label="api")
    mixes = Permission.objects.get(codename="view_mixrevision")
    sites = Permission.objects.get(codename="view_session")
    own.permissions.set([keys])
    viewer = Group.objects.get(name=VIEWER)
    viewer.permissions.add(keys, sites)
    viewer.permissions.remove(mixes)

    call_command("migrate", verbosity=0)

    assert set(own.permissions.all()) == {keys}
    assert mixes in viewer.permissions.all()
    assert keys not in viewer.permissions.all()
    assert sites in viewer.permissions.all()


def test_making_the_roles_again_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(4):
        keep_roles()


def test_a_member_of_a_role_has_its_permissions():
    sam = staff_who_may()
    sam.groups.add(Group.objects.get(name=TUNER))

    assert sam.has_perm("retrieval.add_mixrevision")
    assert not sam.has_perm("retrieval.change_livepointer")
