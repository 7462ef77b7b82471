"""What Postgres would refuse in a text; found before it is asked, so that one bad row costs only itself."""

EXTERNAL_ID_LIMIT = 255


def text_problem(text: str, limit: int) -> str:
    """Why the text can't be stored; empty where it can."""
    if len(text) > limit:
        return f"Longer than {limit} characters."
    if "\0" in text:
        return "Contains a NUL character."
    if not text.isascii() and not _encodable(text):
        return "Not valid Unicode text."
    return ""


def external_id_problem(text: str) -> str:
    """Why the text can't be the id of a user, an item or a creator; empty where it can."""
    return text_problem(text, EXTERNAL_ID_LIMIT) if text else "Empty."


def external_id(value: object) -> str:
    """The id as a client wrote it: text, or a whole number, kept exactly. Raises ValueError for all else.

    A number with a fraction is refused, because 64-bit ids that passed through one have already lost digits.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"An id is text or a whole number, not {type(value).__name__}.")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
