"""What libraries and the system refuse, as sentences."""

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.error_text import refused, unusable

SECRET = "what nobody else may read"


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    age: int = Field(default=1, ge=1)

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name == SECRET:
            raise ValueError("Nobody is called so")
        return name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "name: it is needed, and not there"),
        ({"name": "Ann", SECRET[:4]: SECRET}, "what: there is no such field; check its spelling"),
        ({"name": "Ann", "age": 0}, "age: input should be greater than or equal to 1"),
        ({"name": SECRET}, "name: nobody is called so"),
        ([SECRET], "names with values are needed here"),
    ],
    ids=["missing", "misspelt", "out of range", "our own", "a list"],
)
def test_the_first_thing_refused_is_named_and_never_quoted(given: object, said: str) -> None:
    with pytest.raises(ValidationError) as failed:
        Person.model_validate(given)

    assert refused(failed.value) == said


def test_a_file_that_cannot_be_used_is_named(tmp_path) -> None:
    with pytest.raises(FileNotFoundError) as failed:
        (tmp_path / "nothing.yaml").read_text()

    assert unusable(failed.value) == (
        f"{tmp_path / 'nothing.yaml'}: it cannot be read or written (No such file or directory); "
        "check the path and who may use it."
    )
