"""The sample question with its opinions, as `accord demo` plays it in the terminal and on the web.

Reads:  sample.yaml beside this module, shipped with the package.
Gives:  a `MediationRequest`; its participants are first names made up for the sample.
"""

from importlib.resources import as_file, files

from adapters.console.files import read_request
from engine.types import MediationRequest


def sample() -> MediationRequest:
    """The question "Should we ban single-use plastics?" with seven opinions that differ."""
    with as_file(files("adapters.console").joinpath("sample.yaml")) as path:
        return read_request(str(path))
