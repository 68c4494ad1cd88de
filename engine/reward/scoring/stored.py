"""Opinions' vectors as bytes: encoded when an opinion is given, and read again after the close.

Reads:  a reward model that encodes opinions apart from candidates and can say what its vectors depend on.
Gives:  one opaque value for each opinion, for whoever keeps the opinion, and the vectors in it again.
Refrains from trusting what comes back: a value opens only for the opinion, the question and the model that it
was made from. After a change of checkpoint or of the opinion, or damage, nothing is read: it is encoded anew.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Vectors
from engine.errors import ScoringError
from engine.ports import EncodesOpinions, PicksByRound, RewardModel, StorableVectors

SEAL_BYTES = 16
READ_TOGETHER = 128
"""Opinions in one call of the model: enough to sort by length, few enough to show progress."""
LITTLE_ENDIAN_FP32 = np.dtype("<f4")

OnRead = Callable[[int, int], None]
"""Hears how many of how many opinions are read."""


def unwatched(done: int, total: int) -> None:
    """For callers that do not watch."""


class OpinionEncoder:
    """Encodes opinions ahead of a round, for `MediationRequest.encoded`."""

    def __init__(self, model: StorableVectors) -> None:
        self._model = model

    async def encode(self, question: str, opinions: Sequence[str]) -> list[bytes]:
        """One value for each opinion, in this order: 16 bytes and the vector in fp32.

        Raises:
            ScoringError: they could not be encoded.
        """
        vectors = await _encoded(self._model, question, opinions)
        return await asyncio.to_thread(_sealed, self._model, question, opinions, vectors)


def encoder_of(model: RewardModel) -> OpinionEncoder | None:
    """Something that encodes opinions for this model, or for one that may score in its place; None where
    there is nothing to keep."""
    models = model.models if isinstance(model, PicksByRound) else (model,)
    return next((OpinionEncoder(each) for each in models if isinstance(each, StorableVectors)), None)


async def vectors_of(
    model: EncodesOpinions,
    question: str,
    opinions: Sequence[str],
    stored: Sequence[bytes | None],
    on_read: OnRead = unwatched,
) -> Vectors:
    """The vectors of all opinions: the stored ones where they can be read, the others encoded now.

    Args:
        stored: for each opinion a value of `OpinionEncoder.encode`, or None.
        on_read: hears how far it is.

    Returns:
        shape (opinions, size).

    Raises:
        ScoringError: they could not be encoded.
    """
    known: dict[int, Vectors] = {}
    if isinstance(model, StorableVectors) and any(stored):
        known = await asyncio.to_thread(_opened, model, question, opinions, stored)
    missing = [at for at in range(len(opinions)) if at not in known]
    if len(missing) > READ_TOGETHER:
        # Of like length together, which costs less, and the same words side by side, which are read once.
        missing.sort(key=lambda at: (-len(opinions[at]), opinions[at]))
    on_read(len(known), len(opinions))
    vectors = _put(None, list(known), np.stack(list(known.values())), len(opinions)) if known else None
    for start in range(0, len(missing), READ_TOGETHER):
        some = missing[start : start + READ_TOGETHER]
        fresh = await _encoded(model, question, [opinions[at] for at in some])
        vectors = _put(vectors, some, fresh, len(opinions))
        on_read(len(known) + start + len(some), len(opinions))
    if vectors is None:
        raise ScoringError("there is nothing to encode")
    return vectors


def _put(vectors: Vectors | None, places: Sequence[int], rows: Vectors, of: int) -> Vectors:
    """The vectors of `of` opinions with these rows at their places.

    One table from the first rows on: what is kept in pieces keeps the encoder's freed memory around it.
    """
    table = np.empty((of, rows.shape[1]), dtype=np.float32) if vectors is None else vectors
    table[places] = rows
    return table


async def _encoded(model: EncodesOpinions, question: str, opinions: Sequence[str]) -> Vectors:
    vectors = np.asarray(await model.encode_opinions(question, opinions), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(opinions):
        raise ScoringError(
            "The reward model gave vectors of shape {shape}, not one per opinion.", shape=str(vectors.shape)
        )
    return vectors


def _sealed(model: StorableVectors, question: str, opinions: Sequence[str], vectors: Vectors) -> list[bytes]:
    fingerprint = model.fingerprint()
    rows = vectors.astype(LITTLE_ENDIAN_FP32)
    packed = (row.tobytes() for row in rows)
    return [
        _seal(fingerprint, question, opinion, row) + row
        for opinion, row in zip(opinions, packed, strict=True)
    ]


def _opened(
    model: StorableVectors, question: str, opinions: Sequence[str], stored: Sequence[bytes | None]
) -> dict[int, Vectors]:
    """Vectors by the place of their opinion; values that are not of this model and opinion are left out."""
    fingerprint = model.fingerprint()
    opened = {}
    for at, (opinion, value) in enumerate(zip(opinions, stored, strict=True)):
        if value is None:
            continue
        seal, row = value[:SEAL_BYTES], value[SEAL_BYTES:]
        if seal == _seal(fingerprint, question, opinion, row):
            opened[at] = np.frombuffer(row, dtype=LITTLE_ENDIAN_FP32).astype(np.float32)
    return opened


def _seal(fingerprint: str, question: str, opinion: str, row: bytes) -> bytes:
    seal = hashlib.sha256()
    for part in (fingerprint.encode(), question.encode(), opinion.encode(), row):
        seal.update(len(part).to_bytes(8))  # so that no two ways to cut the parts look alike
        seal.update(part)
    return seal.digest()[:SEAL_BYTES]
