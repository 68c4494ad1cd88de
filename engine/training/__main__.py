"""`python -m engine.training reward CONFIG`: what `accord train reward` runs, in a process of its own.

Reads:  a configuration file (`engine/training/default.yaml` is the recipe of the default, to be copied).
Gives:  the folder of the best checkpoint on stdout, progress on stderr; exits as `accord` does.
Running it again with the same configuration resumes where it stopped.
"""

import logging
import sys
from pathlib import Path
from typing import TextIO

from engine.errors import EngineError
from engine.training.config import read_config
from engine.training.processes import is_first
from engine.training.reward import train_reward

DONE, FAILED, WRONG_USAGE = 0, 1, 2


def main(words: list[str]) -> int:
    """Train as `words` say; gives the exit code."""
    if len(words) != 2 or words[0] != "reward":
        print("accord: train what? Write: accord train reward CONFIG", file=sys.stderr)  # noqa: T201
        return WRONG_USAGE
    logging.basicConfig(
        level=logging.INFO if is_first() else logging.ERROR,
        stream=sys.stderr,
        format="%(asctime)s %(message)s",
    )
    try:
        best = train_reward(read_config(Path(words[1])))
    except OSError as exc:
        return _failed(f"{exc.filename}: it cannot be read or written ({exc.strerror})", WRONG_USAGE)
    except ValueError as exc:
        return _failed(str(exc), WRONG_USAGE)
    except EngineError as exc:
        return _failed(str(exc), FAILED)
    _print(best, sys.stdout)
    return DONE


def _failed(why: str, code: int) -> int:
    _print(f"accord: {why}", sys.stderr)
    return code


def _print(said: object, file: TextIO) -> None:
    if is_first():  # once, however many processes train together
        print(said, file=file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
