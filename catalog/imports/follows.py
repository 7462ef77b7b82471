from catalog.imports.cells import Cells
from catalog.imports.kind import Kind, nothing_to_prepare
from catalog.writing import FollowFields, put_follows


def _parse(cells: Cells) -> FollowFields:
    return FollowFields(
        user=cells.required_id("user_id"),
        followee=cells.id("friend_id") or cells.id("followee_id") or "",
        creator=cells.id("creator_id") or "",
    )


FOLLOWS = Kind(
    required=("user_id",),
    columns={"user": "user_id", "followee": "friend_id", "creator": "creator_id"},
    parse=_parse,
    prepare=nothing_to_prepare,
    write=lambda rows, options: put_follows(rows, options.now, create_missing=options.create_missing),
)
