"""`accord …` in this process: what one of its own would print and exit with, without the time to start it."""

import io
import logging
import os
import runpy
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.cli import main

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Done:
    """What a command came to; the same names as `subprocess.CompletedProcess`."""

    returncode: int
    stdout: str
    stderr: str


def run_here(*words: str, folder: Path, env: Mapping[str, str], input: str = "") -> Done:
    """Run `accord` with these words, in this folder, with this environment and nothing of ours."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(input.encode("utf-8", "surrogatepass")), encoding="utf-8")
    with (
        _as_found(),
        _inside(folder),
        patch.dict(os.environ, env, clear=True),
        patch.object(sys, "argv", ["accord", *words]),
        patch.object(sys, "stdin", given),
        patch.object(main, "_become", _go_on_here),
        redirect_stdout(out),
        redirect_stderr(err),
        _signals_left_alone(),
    ):
        code = _exit_code()
    return Done(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]


def _exit_code() -> int:
    try:
        main.main()
    except SystemExit as done:
        return int(done.code or 0)
    raise AssertionError("accord came back without an exit code")


def _go_on_here(module: str, words: list[str]) -> None:
    """As `os.execv` does, but for the process; another test may have imported what is run here."""
    imported = sys.modules.pop(f"{module}.__main__", None)
    try:
        with patch.object(sys, "argv", [module, *words]):
            runpy.run_module(module, run_name="__main__")
    finally:
        if imported is not None:
            sys.modules[f"{module}.__main__"] = imported


def _signals_left_alone() -> AbstractContextManager[Any]:
    """Only the main thread may set signals; a test whose loop serves the command runs it in another."""
    if threading.current_thread() is threading.main_thread():
        return nullcontext()
    return patch.object(signal, "signal", lambda number, handler: None)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _as_found() -> Iterator[None]:
    """Logging and signals are the process's: a command sets them, and they are put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: each.level for name, each in _loggers()}
    signals: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in SIGNALS}
    root.handlers = []
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        for name, each in _loggers():
            each.setLevel(levels.get(name, logging.NOTSET))
        if threading.current_thread() is threading.main_thread():
            for number, handler in signals.items():
                signal.signal(number, handler)


def _loggers() -> list[tuple[str, logging.Logger]]:
    known = logging.getLogger().manager.loggerDict
    return [(name, each) for name, each in known.items() if isinstance(each, logging.Logger)]
