"""Small clusters join their neighbours: by direction or by distance, as the rows are meant."""

import numpy as np
import pytest

from engine.groups.k_means import by_direction, by_distance, without_small_ones


@pytest.mark.parametrize(("likeness", "joins"), [(by_distance, 0), (by_direction, 1)])
def test_a_small_cluster_joins_the_nearest_or_the_one_in_its_direction(likeness, joins):
    middles = np.array([[-0.5, 0.1], [6.0, 0.0], [0.5, 0.0]])  # the last is small, and close to the first
    found = np.repeat([0, 1, 2], [4, 4, 2])

    left = without_small_ones(middles[found], found, 3, likeness)

    assert left.tolist() == [0] * 4 + [1] * 4 + [joins] * 2
