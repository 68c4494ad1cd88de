import asyncio
import re
from pathlib import Path

from engine.drafting import make_generator
from engine.mediator import Mediator
from engine.reward import make_reward_model
from engine.types import MediationRequest, ParticipantOpinion

PAGE = Path(__file__).parents[2] / "deploy/docs/pages/terminal/deliberate.md"


def test_the_library_does_what_the_documentation_shows(capsys):
    shown = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    names = {
        "asyncio": asyncio,
        "Mediator": Mediator,
        "make_generator": make_generator,
        "make_reward_model": make_reward_model,
        "MediationRequest": MediationRequest,
        "ParticipantOpinion": ParticipantOpinion,
    }

    exec(shown[1], names)

    assert "meetings end at four" in capsys.readouterr().out
    told = set(re.findall(r"^\| (`.+?`) \|", PAGE.read_text(), re.M))
    fields = {field for names in told for field in re.findall(r"`(\w+)`", names)}
    assert names["mediation"].public().keys() - fields == set()
    assert fields - names["mediation"].public().keys() <= {"round", "previous"}
