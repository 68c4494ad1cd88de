"""Generators by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.drafting import GENERATORS, GeneratorOptions, make_generator
from tests.bell import PROCESS_S

ROOT = Path(__file__).parents[3]
OPTIONS = GeneratorOptions(urls=("http://localhost:3000",), api_key="mysecret")


@pytest.mark.parametrize("name", [name for name in GENERATORS if name != "local"])
def test_a_generator_is_found_by_its_name(name):
    assert make_generator(name, OPTIONS).name == name


@pytest.mark.parametrize("name", ["tgi", "openai"])
def test_a_generator_that_needs_a_server_says_so(name):
    with pytest.raises(ValueError, match="needs the address of a server: http://"):
        make_generator(name)


@pytest.mark.parametrize(("name", "prompt"), [("tgi", "zero-shot/2"), ("openai", "zero-shot-chat/1")])
def test_the_template_can_be_chosen(name, prompt):
    options = GeneratorOptions(urls=OPTIONS.urls, template="zero-shot")

    assert make_generator(name, options).prompt == prompt
    with pytest.raises(ValueError, match="Unknown prompt template 'poem'"):
        make_generator(name, GeneratorOptions(urls=OPTIONS.urls, template="poem"))


def test_a_local_generator_needs_a_model():
    with pytest.raises(ValueError, match="needs ACCORD_LOCAL_MODEL"):
        make_generator("local")


def test_a_local_generator_needs_its_libraries():
    script = (
        "import sys; sys.modules['torch'] = None  # as where it is not installed\n"
        "from engine.drafting import GeneratorOptions, make_generator\n"
        "try: make_generator('local', GeneratorOptions(model='somewhere'))\n"
        "except ValueError as error: print(error)"
    )
    process = [sys.executable, "-c", script]

    done = subprocess.run(process, cwd=ROOT, capture_output=True, text=True, timeout=PROCESS_S, check=True)

    assert done.stdout == "The local generator needs torch and transformers: accord-bot[engine].\n"


def test_a_key_is_not_shown_with_the_options():
    assert "mysecret" not in repr(OPTIONS)


def test_an_unknown_generator_is_answered_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"^Unknown generator 'oracle'; choose one of: digest, tgi, openai, local\.$"
    ):
        make_generator("oracle")


def test_the_old_name_of_the_digest_is_answered_with_the_new_one():
    with pytest.raises(ValueError, match=r"write digest instead\.$"):
        make_generator("extractive")
