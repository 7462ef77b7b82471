from catalog.imports.cells import BadCell, Cells
from catalog.imports.kind import Kind, nothing_to_prepare
from catalog.writing import UserFields, put_users

_GROUPS = ((18, "0-17"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"))


def age_group(age: float) -> str:
    """The group's name, such as "25-34". Raises ValueError for what is nobody's age."""
    if not 0 <= age < 150:
        raise ValueError("Nobody's age.")
    return next((name for end, name in _GROUPS if age < end), "65+")


def _parse(cells: Cells) -> UserFields:
    age = cells.number("age")
    try:
        group_of_age = None if age is None else age_group(age)
    except ValueError as error:
        raise BadCell("age", str(error)) from error
    return UserFields(
        external_id=cells.required_id("user_id"),
        age_group=cells.text("age_group") or group_of_age,
        location=cells.text("location"),
        language=cells.text("language"),
        social_opt_out=cells.flag("social_opt_out"),
        attributes=cells.rest(),
    )


USERS = Kind(
    required=("user_id",),
    columns={"external_id": "user_id"},
    parse=_parse,
    prepare=nothing_to_prepare,
    write=lambda rows, options: put_users(rows, options.now),
)
