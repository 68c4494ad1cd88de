"""The array types of the engine: rewards, `(participants, candidates)`, and encoded texts, `(texts, size)`.

Kept out of `engine.types` so that the application can read the engine's words without loading numpy.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
