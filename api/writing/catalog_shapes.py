"""Rows of items, users, follows and blocks. What is left out stays as it is."""

from api.external_ids import read_external_id
from api.writing import readers
from api.writing.schemas import described, id_schema, text_schema
from api.writing.shapes import Column, Shape
from catalog.writing import BlockFields, FollowFields, ItemFields, UserFields

_ATTRIBUTES = Column(
    "attributes",
    "attributes",
    readers.mapping,
    described("object", "Whatever else you know; replaces what was there. At most 64 KB."),
)
_OF_USER = Column(
    "user_id", "user", read_external_id, id_schema("Whose it is."), required=True, synonyms=("user",)
)


def _text(name: str, description: str, max_length: int) -> Column:
    return Column(name, name, readers.text, text_schema(description, max_length))


def _creator(value: object) -> str:
    return "" if value == "" else read_external_id(value)


ITEM = Shape(
    name="ItemRow",
    plural="items",
    make=ItemFields,
    columns=(
        Column(
            "item_id",
            "external_id",
            read_external_id,
            id_schema("The item's id with you."),
            required=True,
            synonyms=("id",),
        ),
        _text("title", "For people.", 500),
        _text("description", "For people and for models.", 100_000),
        _text("category", "The one shelf it stands on.", 100),
        Column(
            "tags",
            "tags",
            readers.texts,
            {
                "type": ["array", "null"],
                "description": "What it is about.",
                "items": {"type": "string", "minLength": 1, "maxLength": 100},
                "maxItems": 100,
            },
        ),
        _text("language", "A code like en.", 20),
        Column(
            "creator_id",
            "creator",
            _creator,
            {**id_schema("Who made it; made where new, empty for nobody."), "minLength": 0},
            synonyms=("creator",),
        ),
        _text("creator_name", "For people.", 255),
        Column(
            "published_at",
            "published_at",
            readers.moment,
            described("string", "UTC where no zone is given.", format="date-time"),
        ),
        Column("active", "active", readers.flag, described("boolean", "false: never a candidate.")),
        _ATTRIBUTES,
    ),
)

USER = Shape(
    name="UserRow",
    plural="users",
    make=UserFields,
    columns=(
        Column(
            "user_id",
            "external_id",
            read_external_id,
            id_schema("The user's id with you."),
            required=True,
            synonyms=("id",),
        ),
        _text("age_group", "Like 25-34.", 20),
        _text("location", "A country, a region, a city.", 100),
        _text("language", "A code like en.", 20),
        Column(
            "social_opt_out",
            "social_opt_out",
            readers.flag,
            described("boolean", "true: nobody is recommended anything because of what this user did."),
        ),
        _ATTRIBUTES,
    ),
)

FOLLOW = Shape(
    name="FollowRow",
    plural="follows",
    make=FollowFields,
    columns=(
        _OF_USER,
        Column(
            "followee_id",
            "followee",
            read_external_id,
            id_schema("The user who is followed; either this or a creator."),
            synonyms=("followee",),
        ),
        Column(
            "creator_id",
            "creator",
            read_external_id,
            id_schema("The creator who is followed."),
            synonyms=("creator",),
        ),
    ),
    one_of=("followee", "creator"),
)

BLOCK = Shape(
    name="BlockRow",
    plural="blocks",
    make=BlockFields,
    columns=(
        _OF_USER,
        Column(
            "item_id",
            "item",
            read_external_id,
            id_schema("What is never to be shown: this, a creator or a tag."),
            synonyms=("item",),
        ),
        Column(
            "creator_id",
            "creator",
            read_external_id,
            id_schema("Whose items are never to be shown."),
            synonyms=("creator",),
        ),
        Column(
            "tag",
            "tag",
            readers.word,
            {**text_schema("Items with this tag are never to be shown.", 100), "minLength": 1},
        ),
    ),
    one_of=("item", "creator", "tag"),
)
