"""One process, or several that `accelerate launch` started, that train one model together.

Reads:  what the launcher left in the environment.
Gives:  an `Accelerator`, each process's share of a step's rounds, and what the first one alone knows; a run's
        folder, to one run at a time.
Refrains from mixed precision, which is the learners', and from sharded weights: each process has the model.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from accelerate import Accelerator

PATIENCE = timedelta(hours=6)
"""How long the others wait while the first process judges and writes."""
T = TypeVar("T")


def make_accelerator() -> "Accelerator":
    """The device and the other processes.

    Raises:
        ValueError: accelerate is not installed, or the launcher was told to shard the weights.
    """
    try:
        from accelerate import Accelerator, InitProcessGroupKwargs  # noqa: PLC0415 (may be absent)
    except ImportError as exc:
        raise ValueError("training needs the package accelerate: pip install 'accord-bot[train]'") from exc
    import torch  # noqa: PLC0415 (as below)

    accelerator = Accelerator(
        cpu=not torch.cuda.is_available(), mixed_precision="no",
        kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)],
    )  # fmt: skip
    kind = accelerator.distributed_type.value
    if kind not in ("NO", "MULTI_CPU", "MULTI_GPU"):
        raise ValueError(
            f"{kind}: training runs on one or several whole copies of the model; launch it plainly"
        )
    return accelerator


def is_first() -> bool:
    """Whether this process is the one that tells, judges and writes."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def only_one(run: Path) -> Iterator[None]:
    """Inside, no other training can run in the folder; the system lets go of it however this process ends.

    Of several processes that train together the first holds it.

    Raises:
        ValueError: another one holds it.
    """
    if not is_first():
        yield
        return
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ValueError(
                f"{run}: another training is running in this folder; wait for its end, or choose another"
            ) from exc
        yield


def share(rounds: Sequence[T], accelerator: "Accelerator") -> list[T]:
    """This process's rounds of a step; those of all processes are the step's, whatever their number.

    Raises:
        ValueError: the rounds cannot be shared equally, so that their mean would be another.
    """
    count = accelerator.num_processes
    if len(rounds) % count:
        raise ValueError(
            f"rounds_per_step: {len(rounds)} rounds cannot be shared by {count} processes equally"
        )
    return list(rounds[accelerator.process_index :: count])


def as_the_first(known: T, accelerator: "Accelerator") -> T:
    """What the first process knows, in all of them."""
    told = [known]
    if accelerator.num_processes > 1:
        import torch  # noqa: PLC0415 (slow to load, and who only asks `is_first` needs none)

        torch.distributed.broadcast_object_list(told, src=0)
    return told[0]
