"""The curve of over-optimisation: predicted welfare beside the gold model's, by distance from the start.

Reads:  `Point`s that `engine.training.drafters.policy` measured at its checkpoints.
Gives:  `curve.jsonl`, a table (`curve.md`), and a picture (`curve.svg`) where matplotlib is installed.
Refrains from choosing a checkpoint.

Where the training model's curve goes on rising and the gold one's falls, the policy pleases its reward model
and nobody else. The distance is plotted by its square root, as by Gao et al. 2023 (arXiv:2210.10760).
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from engine.types import Frozen

POINTS, TABLE, PICTURE = "curve.jsonl", "curve.md", "curve.svg"


class Point(Frozen):
    """One checkpoint, on the questions to choose by.

    kl:      mean log-ratio to the start over whole texts, in nats.
    welfare: mean predicted welfare by the model that is trained against; gold: by the one that is not. In
             rating points, with standard errors.
    tokens:  mean length of a text.
    """

    step: int
    kl: float
    welfare: float
    welfare_error: float
    gold: float
    gold_error: float
    tokens: float


def read_points(run: Path) -> list[Point]:
    """What was measured so far; a line that a kill cut short is left out."""
    path = run / POINTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Point.model_validate_json(line) for line in lines if line.endswith("}")]


def write_points(run: Path, points: Sequence[Point]) -> None:
    """Write all of them, never half a file."""
    new = run / f"{POINTS}.new"
    new.write_text("".join(f"{point.model_dump_json()}\n" for point in points), encoding="utf-8")
    new.replace(run / POINTS)


def save_table(run: Path, points: Sequence[Point]) -> None:
    """Write the curve as a Markdown table."""
    rows = [
        "| step | nats from the start | predicted welfare | gold welfare | tokens |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {p.step} | {p.kl:.2f} | {p.welfare:.3f} ± {p.welfare_error:.3f} "
            f"| {p.gold:.3f} ± {p.gold_error:.3f} | {p.tokens:.0f} |"
            for p in points
        ),
    ]
    (run / TABLE).write_text("\n".join(rows) + "\n", encoding="utf-8")


def save_picture(run: Path, points: Sequence[Point]) -> None:
    """Draw the curve; without matplotlib there is the table."""
    if find_spec("matplotlib") is None:
        return
    from matplotlib.figure import Figure  # noqa: PLC0415 (optional)

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    points = sorted(points, key=lambda point: point.kl)
    distance = [max(point.kl, 0.0) ** 0.5 for point in points]
    axes.errorbar(distance, [p.welfare for p in points], [p.welfare_error for p in points], marker="o",
                  label="by the model that is trained against")  # fmt: skip
    axes.errorbar(distance, [p.gold for p in points], [p.gold_error for p in points], marker="s",
                  label="by the gold model")  # fmt: skip
    axes.set_xlabel("distance from the start (square root of nats)")
    axes.set_ylabel("predicted welfare (rating points)")
    figure.legend(loc="outside upper center", ncols=2)
    figure.savefig(run / PICTURE)
