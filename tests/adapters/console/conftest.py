"""A terminal to look at, and a mediation to show on it."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from rich.console import Console

from adapters.console.terminal import terminal
from engine.types import Candidate, Mediation, ModelsUsed, Timings, WelfareFunction


@dataclass
class Screen:
    """A console and the bytes behind it."""

    console: Console
    written: io.BytesIO
    encoding: str

    def text(self) -> str:
        """What has been shown so far."""
        self.console.file.flush()
        return self.written.getvalue().decode(self.encoding)


OpenScreen = Callable[..., Screen]


@pytest.fixture
def screen(monkeypatch) -> OpenScreen:
    """Opens a screen as a command would, on a pipe or (`FORCE_COLOR`) something that takes colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def open_screen(*, encoding: str = "utf-8", **environment: str) -> Screen:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        written = io.BytesIO()
        return Screen(terminal(io.TextIOWrapper(written, encoding=encoding)), written, encoding)

    return open_screen


@pytest.fixture(scope="session")
def a_mediation() -> Callable[..., Mediation]:
    """Makes a mediation of two candidates for p1, p2, …: the later, the gladder with the statement."""
    return make_mediation


def make_mediation(people: int = 3, statement: str = "We agree to try it.", **changes: object) -> Mediation:
    rewards = tuple(1 + 6 * n / max(people - 1, 1) for n in range(people))
    candidates = [
        Candidate(text=statement, source="test", seed=1, rewards=rewards, welfare=5.25),
        Candidate(text="We leave it.", source="test", seed=2, rewards=rewards[::-1], welfare=3.5),
    ]
    mediation = Mediation(
        question="Shall we try it?",
        seed=42,
        statement=statement,
        winner=0,
        welfare_function=WelfareFunction(),
        participants=tuple(f"p{n}" for n in range(1, people + 1)),
        candidates=tuple(candidates),
        models=ModelsUsed(generator="drafter-1", reward="reward-2", prompt="prompt-3"),
        timings_s=Timings(read=0.75, draft=1.5, score=0.25, total=1.6),
        model_used=True,
    )
    return mediation.model_copy(update=changes)
