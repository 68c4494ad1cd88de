"""`python -m engine.evaluation COMMAND …`: `accord evaluate` and others, in a process of their own.

Reads:  the words after the command; each command's module says which (`add_to`).
Gives:  results on stdout or in files, complaints on stderr in one line; exits as `accord` does.
Refrains from importing what the command does not need.
"""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from engine.error_text import unusable
from engine.errors import EngineError

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {"evaluate": "engine.evaluation.evaluate", "simulate": "engine.synthetic.simulate"}
"""Modules with an `add_to(parser)`, which sets `run` to what gives the sentence to print at the end."""


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as `accord` does."""

    def error(self, message: str) -> NoReturn:
        print(f"accord: {message.rstrip('.')}. See {self.prog} --help.", file=sys.stderr)  # noqa: T201
        sys.exit(WRONG_USAGE)


def main(words: list[str]) -> int:
    """Run the command that `words` name; gives the exit code."""
    name = words[0] if words else ""
    if name not in COMMANDS:
        return _failed(f"evaluate what? One of: {', '.join(sorted(COMMANDS))}.", WRONG_USAGE)
    parser = _Parser(prog=f"accord {name}")
    import_module(COMMANDS[name]).add_to(parser)
    given = parser.parse_args(words[1:])
    run: Callable[[Any], str] = given.run
    try:
        said = run(given)
    except OSError as exc:
        return _failed(unusable(exc), WRONG_USAGE)
    except ValueError as exc:
        return _failed(str(exc), WRONG_USAGE)
    except EngineError as exc:
        return _failed(str(exc), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    print(said)  # noqa: T201
    return DONE


def _failed(why: str, code: int) -> int:
    print(f"accord: {why}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
