"""Reading documents back from the store.

What cannot be read was written by another version of Accord or by somebody else; the message says so
and quotes nothing of it.
"""

from typing import TypeVar

from pydantic import ValidationError

from bot.errors import StoreError
from engine.types import Frozen

Document = TypeVar("Document", bound=Frozen)


def read(kind: type[Document], doc: str | bytes) -> Document:
    """A document as it was written by `model_dump_json`. Raises StoreError."""
    try:
        return kind.model_validate_json(doc)
    except ValidationError:
        # Its message and its cause quote the document.
        raise StoreError(
            f"The state store holds a {kind.__name__.lower()} that this version of Accord cannot read. "
            "Run the same version everywhere."
        ) from None
