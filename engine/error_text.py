"""What libraries and the system refuse, as sentences of our own.

Reads:  their errors.
Gives:  where, what and what to do, in one line.
Refrains from quoting what was refused: it may be somebody's opinion.
"""

from pydantic import ValidationError

_WORDS = {
    "missing": "it is needed, and not there",
    "extra_forbidden": "there is no such field; check its spelling",
}
_SHAPES = ("model_type", "dict_type", "dataclass_type")


def refused(exc: ValidationError) -> str:
    """The first thing that a model refused: its field, and why."""
    first = exc.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    if first["type"] in _SHAPES:
        what = "names with values are needed here"
    else:
        said = first["msg"].removeprefix("Value error, ")
        what = _WORDS.get(first["type"], said[:1].lower() + said[1:])
    return f"{where}: {what}" if where else what


def unusable(exc: OSError) -> str:
    """A file or folder that the system does not let us use."""
    return (
        f"{exc.filename}: it cannot be read or written ({exc.strerror}); check the path and who may use it."
    )
