"""Generators by name."""

import pytest

from engine.drafting import GENERATORS, make_generator


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_is_found_by_its_name(name):
    assert make_generator(name).name == name


def test_an_unknown_generator_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^Unknown generator 'oracle'; choose one of: extractive\.$"):
        make_generator("oracle")
