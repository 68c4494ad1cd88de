"""An address as a picture that phones read.

Reads:  an address.
Gives:  SVG for a page: dark on light, whatever the page's colours are. Templates hide it from screen
readers: it says nothing that the link next to it does not.
"""

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """The address's code, with the white margin that readers need; it grows with its place."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704
