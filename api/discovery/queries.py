from catalog.models import Item
from retrieval.explain import UnknownItem


def internal_item_id(external_id: str) -> int:
    """Raises UnknownItem."""
    found: int | None = Item.objects.filter(external_id=external_id).values_list("id", flat=True).first()
    if found is None:
        raise UnknownItem(f"There is no item {external_id!r}.")
    return found
