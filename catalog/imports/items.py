from catalog.imports.cells import Cells
from catalog.imports.kind import Kind, nothing_to_prepare
from catalog.writing import ItemFields, put_items


def _parse(cells: Cells) -> ItemFields:
    return ItemFields(
        external_id=cells.required_id("item_id"),
        title=cells.text("title"),
        description=cells.text("description"),
        category=cells.text("category"),
        tags=cells.words("tags"),
        language=cells.text("language"),
        creator=cells.id("creator_id"),
        creator_name=cells.text("creator_name"),
        published_at=cells.moment("published_at"),
        active=cells.flag("active"),
        attributes=cells.rest(),
    )


ITEMS = Kind(
    required=("item_id",),
    columns={"external_id": "item_id", "creator": "creator_id"},
    parse=_parse,
    prepare=nothing_to_prepare,
    write=lambda rows, options: put_items(rows, options.now),
)
