"""Settings of runs that train a tiny drafter: letters for words, a second or two on a CPU."""

from engine.training.drafters.policy import PolicyConfig
from engine.training.drafters.sft import SftConfig
from tests.engine.drafting.local.tiny import save_tiny_llama
from tests.engine.training import feedback

TINY = {
    "per_pass": 4, "passes": 1, "steps": 12, "evaluate_every": 4, "rate": 1e-2, "warm_up": 1,
    "max_tokens": 1024, "threads": 1, "choose": 0.3,
}  # fmt: skip
LORA = {"rank": 8, "alpha": 32, "dropout": 0.0, "merge": True}


def sft(folder, **changes):
    found = [each.model_copy(update={"agreement": 6}) for each in feedback.records()]
    return SftConfig.model_validate(_common(folder, found) | changes)


def policy(folder, **changes):
    settings = {"per_pass": 8, "texts": 4, "new_tokens": 12, "beta": 0.01, "keep": "welfare", "patience": 50}
    return PolicyConfig.model_validate(_common(folder, feedback.records()) | settings | changes)


def _common(folder, found):
    base = folder / "base"
    if not base.exists():
        save_tiny_llama(base)
    data = feedback.save(found, folder / "feedback.jsonl")
    return {"run": folder / "run", "feedback": data, "base": str(base), **TINY}
