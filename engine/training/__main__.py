"""`python -m engine.training COMMAND …`: `accord train …` and `accord promote`, in a process of their own.

Reads:  the words of the command line. A configuration file is a recipe of this folder, copied and changed;
        without one, the recipe itself (`team.yaml`, `sft.yaml`, `policy.yaml`) with what the words change.
Gives:  the folder to use, or what promotion decided, on stdout; progress on stderr; exits as `accord` does.
Running a training again with the same settings resumes where it stopped.
"""

import argparse
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from engine.error_text import unusable
from engine.errors import EngineError, FeedbackError
from engine.run_manifest import MANIFEST
from engine.training.runs.config import RewardConfig, read_config, read_settings
from engine.training.runs.processes import is_first

if TYPE_CHECKING:
    from engine.evaluation.accuracy.suites import RatedRound

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
RECIPES = Path(__file__).parent


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as `accord` does."""

    def error(self, message: str) -> NoReturn:
        _print(f"accord: {message.rstrip('.')}. See {self.prog} --help.", sys.stderr)
        sys.exit(WRONG_USAGE)


def main(words: list[str]) -> int:
    """Do what `words` say; gives the exit code."""
    logging.basicConfig(
        level=logging.INFO if is_first() else logging.ERROR,
        stream=sys.stderr,
        format="%(asctime)s %(message)s",
    )
    for library in ("httpx", "httpx2"):  # they tell of every request
        logging.getLogger(library).setLevel(logging.WARNING)
    given = make_parser().parse_args(words)
    do: Callable[[Any], object] = given.do
    try:
        _try_to_open(given)
        said = do(given)
    except OSError as exc:
        return _failed(unusable(exc), WRONG_USAGE)
    except (ValueError, FeedbackError) as exc:
        return _failed(str(exc), WRONG_USAGE)
    except EngineError as exc:
        return _failed(str(exc), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    _print(said, sys.stdout)
    return DONE


def make_parser() -> argparse.ArgumentParser:
    """What `accord train …` and `accord promote` take, for the documentation too."""
    parser = _Parser(prog="accord train")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    reward = commands.add_parser("reward", help="a reward model")
    reward.add_argument("config", nargs="?", type=Path, help="YAML or JSON; else give --feedback")
    reward.add_argument("--start", type=Path, help="the model to go on from")
    reward.add_argument(
        "--teacher", type=Path, help="a reward model to learn from too: a folder, kept answers, or llm"
    )
    reward.set_defaults(do=_reward)
    judge = commands.add_parser("judge", help="a calibration of the language model as judge, and its answers")
    judge.set_defaults(do=_judge)
    for name, do, what in (
        ("sft", _sft, "a drafter, on statements that people liked"),
        ("policy", _policy, "a drafter, against the welfare that a reward model predicts"),
    ):
        drafter = commands.add_parser(name, help=what)
        drafter.add_argument(
            "config", nargs="?", type=Path, default=RECIPES / f"{name}.yaml",
            help=f"YAML or JSON; without it {name}.yaml",
        )  # fmt: skip
        drafter.add_argument("--base", help="the model to start from: a folder or a hub id")
        drafter.set_defaults(do=do)
    for each in (reward, judge):
        each.add_argument(
            "--rounds", type=Path, help="questions with opinions and statements, without ratings"
        )
    for each in commands.choices.values():
        each.add_argument("--feedback", type=Path, help="an export: accord export")
        each.add_argument("--run", type=Path, help="folder that the run writes to")
    _add_promote(
        commands.add_parser(
            "promote", prog="accord promote", help="put a model in the place of the one in use"
        )
    )
    for each in commands.choices.values():  # what the application knows from its settings
        each.add_argument("--models", type=Path, help=argparse.SUPPRESS)
        each.add_argument("--configured", help=argparse.SUPPRESS)
    return parser


def _add_promote(promote: argparse.ArgumentParser) -> None:
    promote.add_argument("candidate", type=Path, help="folder of a checkpoint: RUN/best or RUN/merged")
    promote.add_argument(
        "--data", type=Path, required=True, help="an export; questions learnt from are left out"
    )
    promote.add_argument("--current", help="compare with this model in place of the one in use")
    promote.add_argument("--corpus", type=Path, help="where reward models pick from (default: Accord's own)")
    promote.add_argument("--judge", help="reward model that drafters are judged by; else the run's gold one")
    promote.add_argument("--force", action="store_true", help="promote although it is not better")
    promote.add_argument("--reason", help="why; recorded")
    promote.add_argument("--seed", type=int, default=0, help="of the intervals, and of what drafters write")
    promote.set_defaults(do=_promote)


def _try_to_open(given: argparse.Namespace) -> None:
    """Find out whether the settings can be read before torch is imported, which takes seconds."""
    if (config := getattr(given, "config", None)) is not None:
        with config.open("rb"):
            pass


def _reward(given: argparse.Namespace) -> Path:
    from engine.reward import is_judge  # noqa: PLC0415 (as below)
    from engine.training.reward_models.loop import train_reward  # noqa: PLC0415 (torch: only where something is trained)

    if given.config is None and given.feedback is None and given.rounds is None:
        raise ValueError(
            "train a reward model from what? Name a CONFIG, an export (--feedback FILE), or rounds for a "
            "language model to rate (--rounds FILE --teacher llm)"
        )
    changes = _changes(given, "start", "teacher", "rounds")
    if given.config is None and given.feedback is None:
        changes["feedback"] = None  # the recipe names one
    config = read_config(given.config or RECIPES / "team.yaml", changes)
    if config.teacher is not None and is_judge(str(config.teacher)):
        config = config.model_copy(update={"teacher": _taught_by_the_judge(config)})
    if config.own_data and config.start is None and config.against is None:
        config = config.model_copy(update=_from_the_one_in_use(config, given))
    return train_reward(config)


def _taught_by_the_judge(config: RewardConfig) -> Path:
    """Have the judge answer for all rounds that are learnt from, before the first step; gives the file.

    Of rounds that nobody has rated, for those that are kept for the comparison too.
    Rounds of general data are made anew in each step, so that nobody could be asked beforehand.
    """
    from engine.questions.splits import Side  # noqa: PLC0415
    from engine.reward.judge.environment import judge_from  # noqa: PLC0415 (as above)
    from engine.training.data.judge_answers import TEACHER, ask_and_keep  # noqa: PLC0415
    from engine.training.data.team import TeamData  # noqa: PLC0415
    from engine.training.data.unrated_rounds import read_rounds  # noqa: PLC0415

    if not config.own_data:
        raise ValueError(
            "teacher: a language model teaches from feedback or rounds alone; name an export "
            "(--feedback FILE), or rounds for it to rate (--rounds FILE)"
        )
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ValueError(
            "teacher: several processes would all ask; run accord train judge and name its answers.jsonl"
        )
    if config.rounds is not None:
        rounds: Sequence[RatedRound] = read_rounds(config.rounds)
    else:
        sides = TeamData.of(config).rounds
        rounds = [*sides[Side.TRAIN], *sides[Side.CHOOSE]]
    path = config.run / TEACHER
    named = str(config.teacher).partition(":")[2]
    environment = {**os.environ, "ACCORD_JUDGE_MODEL": named} if named else os.environ
    ask_and_keep(judge_from(environment), rounds, path)
    return path


def _judge(given: argparse.Namespace) -> str:
    """Ask the judge about an export, keep its answers and fit them to the ratings in it.

    About rounds that nobody has rated, its answers are all that there is to keep.
    """
    from engine.feedback.files import read_feedback  # noqa: PLC0415 (as above)
    from engine.reward.judge.environment import judge_from  # noqa: PLC0415
    from engine.training.data import judge_answers  # noqa: PLC0415
    from engine.training.data.team import team_rounds, usable  # noqa: PLC0415
    from engine.training.data.unrated_rounds import read_rounds  # noqa: PLC0415
    from engine.training.runs.config import write_json  # noqa: PLC0415

    if (given.feedback is None) == (given.rounds is None) or given.run is None:
        raise ValueError(
            "train judge needs an export and a folder: --feedback FILE --run FOLDER; or, in place of "
            "the export, rounds without ratings: --rounds FILE"
        )
    if given.rounds is not None:
        unrated, path = read_rounds(given.rounds), given.run / judge_answers.ANSWERS
        judge_answers.ask_and_keep(judge_from(), unrated, path)
        return f"{path}\nUse it: accord train reward --rounds {given.rounds} --teacher {path} --run FOLDER"
    rounds = team_rounds(usable(read_feedback(given.feedback), Counter()))
    if not rounds:
        raise ValueError(f"{given.feedback}: it holds no rating with an opinion that may be learnt from")
    kept = judge_answers.ask_and_keep(judge_from(), rounds, given.run / judge_answers.ANSWERS)
    path = given.run / judge_answers.CALIBRATION
    write_json(path, judge_answers.calibrated(kept, rounds).model_dump(mode="json"))
    return f"{path}\nUse it: ACCORD_JUDGE_CALIBRATION={path}"


def _from_the_one_in_use(config: RewardConfig, given: argparse.Namespace) -> dict[str, object]:
    """A run goes on from the reward model in use where it can, and else is compared with it.

    Nothing where that is the shipped one, or words that match, which cannot be taught.
    """
    from engine.reward.model_info.families import TOWERS  # noqa: PLC0415 (as above)
    from engine.reward.model_info.source import find  # noqa: PLC0415

    before = _before(config.run)
    if before is not None:
        return {name: Path(before[name]) for name in ("start", "against") if before.get(name)}
    used = _in_use(given)
    if used is None or not Path(used).is_dir():
        return {}
    towers = {find(used)[1].family, config.family} <= {*TOWERS}
    return {"start" if towers else "against": Path(used)}


def _before(run: Path) -> dict[str, Any] | None:
    """The settings of the run in that folder, which is resumed; None where there is none."""
    path = run / MANIFEST
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["config"]
    except (ValueError, KeyError, TypeError) as exc:
        raise ValueError(f"{path}: it is not what a run writes; choose another folder") from exc
    return found


def _in_use(given: argparse.Namespace) -> str | None:
    from engine.training.promotion import reward_in_use  # noqa: PLC0415 (as above)

    return reward_in_use(given.models, given.configured) if given.models else None


def _promote(given: argparse.Namespace) -> str:
    from engine.training.promotion import Request, promote  # noqa: PLC0415

    if given.models is None:
        raise ValueError("--models: name the folder of models (accord promote does)")
    names = (
        "candidate",
        "data",
        "models",
        "current",
        "configured",
        "corpus",
        "judge",
        "force",
        "reason",
        "seed",
    )
    return promote(Request(**{name: getattr(given, name) for name in names}))


def _sft(given: argparse.Namespace) -> Path:
    from engine.training.drafters.sft import SftConfig, train_sft  # noqa: PLC0415

    return train_sft(read_settings(given.config, SftConfig, _changes(given, "base")))


def _policy(given: argparse.Namespace) -> Path:
    from engine.training.drafters.policy import PolicyConfig, train_policy  # noqa: PLC0415

    config = read_settings(given.config, PolicyConfig, _changes(given, "base"))
    if config.reward is None:
        before = _before(config.run)
        used = before.get("reward") if before is not None else _in_use(given)
        config = config.model_copy(update={"reward": used})
    return train_policy(config)


def _changes(given: argparse.Namespace, *names: str) -> dict[str, object]:
    found = {name: getattr(given, name) for name in ("feedback", "run", *names)}
    return {name: value for name, value in found.items() if value is not None}


def _failed(why: str, code: int) -> int:
    _print(f"accord: {why}", sys.stderr)
    return code


def _print(said: object, file: TextIO) -> None:
    if is_first():  # once, however many processes train together
        print(said, file=file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
