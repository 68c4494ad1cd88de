"""The array type of the engine: float64, documented as `(participants, candidates)` where it is used.

Kept out of `engine.types` so that the application can read the engine's words without loading numpy.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
