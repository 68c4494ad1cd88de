"""What a training run wrote of itself: its settings, its data, and which questions it has learnt from.

Reads:  `manifest.json` in the folder of a model, or in the run's folder one up.
Gives:  its facts, to what trains, judges, splits and promotes.
Refrains from torch, and from writing one: that is `engine.training.runs.config`.
"""

import json
from pathlib import Path
from typing import Any

from engine.names import LEXICAL

MANIFEST = "manifest.json"
"""It says how a model came to be and is no part of it."""
SEEN = "seen_questions"
"""In a manifest: what the model must not be judged on."""


def manifest_of(folder: Path) -> dict[str, Any]:
    """What a run wrote of itself, for a folder inside it or a copy of one; empty where there is nothing.

    `best/` and `merged/` hold it themselves; any other checkpoint has the run's one folder up.
    """
    for place in (folder, folder.resolve().parent):
        try:
            found = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict) and ("config" in found or place == folder):
            return found
    return {}


def seen_questions(folder: Path) -> list[str] | None:
    """Ids of the questions that the model in `folder` learnt from; None where there is no manifest to say so.

    `LEXICAL` is in no folder, and has learnt from none.

    None is not "from none": a model that nothing is known of may have learnt from any. A manifest without
    a split is that of a model which has not learnt from feedback, such as the shipped one.
    """
    if str(folder) == LEXICAL:
        return []
    facts = manifest_of(folder)
    return list(facts.get("split", {}).get(SEEN, [])) if facts else None
