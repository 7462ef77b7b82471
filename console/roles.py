"""The four roles of the staff: groups whose permissions follow from a rule, made again after every migration.

A rule is read from the top and the first line that fits decides, so a permission that comes with a new model or a new
verb falls into a role without anybody listing it. Each role may do what the one before it may.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.apps import apps as installed

VIEWER, TUNER, ENGINEER, ADMINISTRATOR = ROLES = ("viewer", "tuner", "engineer", "administrator")
# Apps whose permissions the roles have in hand; of any other app only the administrator is given what there is, and
# what a site adds to a role stays.
OURS = ("api", "catalog", "coldstart", "console", "demo", "experiments", "retrieval", "welcome")
_PERSON = ("catalog", "user")


@dataclass(frozen=True, slots=True)
class Line:
    """`what`: a pattern of app.model.verb; `personal`: only where the model is about people; `why`: for the reader."""

    what: str
    role: str
    why: str
    personal: bool = False


RULE = (
    Line("experiments.forced.*", TUNER, "Who sees a variant for a look at it."),
    Line("*.*.view", TUNER, "Who tunes looks at what real people get.", personal=True),
    Line("*.*.*", ADMINISTRATOR, "What is known of people is changed and erased by few.", personal=True),
    Line("api.*.*", ADMINISTRATOR, "Keys open everything."),
    Line("catalog.*.view", VIEWER, "Items, creators and event types."),
    Line("coldstart.*.view", VIEWER, "Interests, texts, the ledger of new items."),
    Line("experiments.*.view", VIEWER, "Experiments and their read-outs."),
    Line("retrieval.*.view", VIEWER, "Mixes, versions, metrics."),
    Line("console.*.view", VIEWER, "What the pages keep."),
    Line("experiments.*.*", TUNER, "Draft, start, ramp, stop."),
    Line("retrieval.*mix*.*", TUNER, "Draft, publish, roll back."),
    Line("coldstart.consent.*", ADMINISTRATOR, "A promise to people."),
    Line("retrieval.*.*", ENGINEER, "Versions, index, cache, trends."),
    Line("catalog.*.*", ENGINEER, "Items, event types, imports."),
    Line("coldstart.*.*", ENGINEER, "Interests and new items."),
    Line("console.audiencepage.*", ADMINISTRATOR, "Invented traffic moves everybody's figures."),
    Line("console.*.*", ENGINEER, "What the pages keep."),
)


def line_for(app: str, model: str, codename: str) -> Line | None:
    """The line of the rule that decides on a permission; None where none does."""
    verb = codename.removesuffix(f"_{model}")
    about_people = is_personal(app, model)
    for line in RULE:
        if fnmatchcase(f"{app}.{model}.{verb}", line.what) and (about_people or not line.personal):
            return line
    return None


def is_personal(app: str, model: str) -> bool:
    """Whether the model is the person, or has rows of one: it points at the catalogue's user."""
    try:
        fields = installed.get_model(app, model)._meta.get_fields()
    except LookupError:
        return False
    if (app, model) == _PERSON:
        return True
    ours = (field.related_model for field in fields if field.concrete and field.is_relation)
    return any(
        getattr(other, "_meta", None) and other._meta.label_lower == ".".join(_PERSON) for other in ours
    )


def roles_with(app: str, model: str, codename: str) -> tuple[str, ...]:
    """The roles that have a permission; the administrator always."""
    line = line_for(app, model, codename)
    lowest = line.role if line else ADMINISTRATOR
    return ROLES[ROLES.index(lowest) :]


def keep_roles(apps: Any = installed, using: str = "default") -> None:
    """Makes the four groups, and gives each what the rule says: neither more nor less of our apps.

    Other groups are left alone, and so is what a site gave to these of apps that aren't ours. Harmless to repeat.
    """
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    groups = group.objects.using(using)
    groups.bulk_create([group(name=name) for name in ROLES], ignore_conflicts=True)
    ids = dict(groups.filter(name__in=ROLES).values_list("name", "id"))
    columns = ("id", "content_type__app_label", "content_type__model", "codename")
    known = list(permission.objects.using(using).values_list(*columns))
    wanted = {(ids[role], pk) for pk, *names in known for role in roles_with(*names)}
    given = group.permissions.through
    rows = given.objects.using(using).filter(group_id__in=ids.values())
    there = set(rows.values_list("group_id", "permission_id"))
    ours = {pk for pk, app, *_ in known if app in OURS}
    surplus = {(group_id, pk) for group_id, pk in there - wanted if pk in ours}
    for group_id, taken in _by_group(surplus):
        rows.filter(group_id=group_id, permission_id__in=taken).delete()
    given.objects.using(using).bulk_create(
        [given(group_id=group_id, permission_id=pk) for group_id, pk in sorted(wanted - there)],
        ignore_conflicts=True,
    )


def after_migrate(app_config: Any, apps: Any = installed, using: str = "default", **_: Any) -> None:
    """Django tells of each app in turn; after the last one all permissions are there."""
    last = [config for config in installed.get_app_configs() if config.models_module is not None][-1]
    if app_config.label != last.label:
        return
    try:
        apps.get_model("auth", "Group")
    except LookupError:  # migrated only so far
        return
    keep_roles(apps, using)


def _by_group(pairs: Iterable[tuple[int, int]]) -> Iterable[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for group_id, pk in pairs:
        found.setdefault(group_id, []).append(pk)
    return found.items()
