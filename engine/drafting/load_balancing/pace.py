"""Pace: how fast a server writes, and how long we are therefore ready to wait for it.

Reads:  each token as it comes, and each text that ends.
Gives:  how long a text may stay away yet, how long the longest one took, and the server's tokens per second.
Pure: the time comes in as an argument, in the event loop's seconds.

A text that is being written is never too slow: what counts is only how long nothing has come. Before its
first token a request may stand in the server's own queue, so that any token from that server is a sign; but
one that others have overtaken in the queue is lost.
"""

from dataclasses import dataclass

from engine.drafting.load_balancing.slots import Slots

_GAPS = 20
"""A text may pause as long as so many of its server's tokens take."""
_REPLIES = 4
"""A reply that comes in one piece may take so many times the longest one so far."""
_OVERTAKEN = 2
"""A request is lost when so many that were sent after it are answered, and it is not begun."""
_AT_THE_END = 0.1
"""A text that comes within so much of its whole time came in one piece."""
_MARGIN = 1.2
"""No text is begun unless there is time for one that takes as much longer than the longest so far."""


@dataclass(frozen=True)
class Patience:
    """How long we wait, in seconds.

    request_s: for one short reply, from connecting to its last byte.
    quiet_s: for a server that should write to give any sign: a token, or a reply in one piece.
    idle_s: for the next token of a text that has begun; longer at a server whose tokens take long.
    connect_s: for a server to answer at all, when it is asked what it is.
    round_s: for all drafts of a round, retries included; what has come by then is what there is. A text is
        begun only if it can be expected to end by then.
    first_wait_s, longest_wait_s: before asking again; doubled each time, and jittered.
    contacts: how often a server that cannot be reached is tried by one request.
    rest_s: how long such a server is then asked only when there is no other.
    grace_s: for the other servers to say what they are, once one has.
    aside_s: for what helps a round and may be left out.
    trial_s: for a server that is tried to write a token; a large model on a slow machine reads for a while.
    """

    request_s: float = 90.0
    quiet_s: float = 180.0
    idle_s: float = 45.0
    connect_s: float = 10.0
    round_s: float = 600.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 10.0
    contacts: int = 4
    rest_s: float = 15.0
    grace_s: float = 1.0
    aside_s: float = 3.0
    trial_s: float = 30.0


class Writing:
    """One text that a server has been asked for.

    first_at: when its first token came. overtaken: how many that were sent after it are answered.
    """

    def __init__(self, sent_at: float) -> None:
        self.sent_at = self.last_at = sent_at
        self.first_at: float | None = None
        self.tokens = self.overtaken = 0

    @property
    def begun(self) -> bool:
        """Whether something of it has come."""
        return self.first_at is not None

    @property
    def in_pieces(self) -> bool:
        """Whether it came as it was written, and not all at the end: a proxy may keep a stream back."""
        if self.first_at is None:
            return False
        return self.last_at - self.first_at > _AT_THE_END * (self.last_at - self.sent_at)


class Pace:
    """What one server has shown, over all texts that we asked it for. Tokens are counted as they come."""

    def __init__(self) -> None:
        self.tokens = 0
        self.under_way: set[Writing] = set()
        self._heard_at = 0.0
        self._gap_s = 0.0
        self._soonest_s: float | None = None
        self._longest_s = 0.0
        self._in_one_piece_s = 0.0

    @property
    def being_written(self) -> int:
        """Texts of which something has come and more is to come."""
        return sum(writing.begun for writing in self.under_way)

    @property
    def per_s(self) -> float:
        """Tokens a second of one text, lately; 0 where nothing is known."""
        return 1 / self._gap_s if self._gap_s else 0.0

    def began(self, now: float) -> Writing:
        """A text is asked for."""
        writing = Writing(now)
        self.under_way.add(writing)
        return writing

    def wrote(self, writing: Writing, tokens: int, now: float) -> None:
        """Some tokens of a text have come."""
        if writing.first_at is None:
            writing.first_at = now
            wait_s = now - writing.sent_at
            self._soonest_s = wait_s if self._soonest_s is None else min(wait_s, self._soonest_s)
        elif now > writing.last_at:
            gap_s = (now - writing.last_at) / tokens
            self._gap_s = 0.9 * self._gap_s + 0.1 * gap_s if self._gap_s else gap_s
        writing.last_at = self._heard_at = now
        writing.tokens += tokens
        self.tokens += tokens

    def ended(self, writing: Writing, now: float, *, whole: bool) -> None:
        """A text is there, or will not come."""
        self.under_way.discard(writing)
        if not whole:
            return
        self._heard_at = now
        for other in self.under_way:
            other.overtaken += other.sent_at < writing.sent_at
        if not writing.in_pieces or writing.first_at is None:
            self._in_one_piece_s = max(self._in_one_piece_s, now - writing.sent_at)
            self._longest_s = max(self._longest_s, now - writing.sent_at)
        else:
            # Of its wait only what the server needs to read: the rest was its queue.
            self._longest_s = max(self._longest_s, now - writing.first_at + (self._soonest_s or 0.0))

    def learn(self, slots: Slots, writing: Writing, now: float, *, whole: bool) -> None:
        """A text has ended: note it, and have the slots learn from it."""
        waiting = [one for one in self.under_way if not one.begun and one is not writing]
        streamed = writing.in_pieces
        if whole and streamed and waiting:
            waited_s = now - min(one.sent_at for one in waiting)
            slots.seen_queueing(self.being_written, waited_s, self._soonest_s or 0.0, now)
        self.ended(writing, now, whole=whole)
        if whole:
            alone = None if streamed else writing.tokens / max(now - writing.sent_at, 1e-3)
            slots.ended_well(now, in_one_piece=alone)

    def left_s(self, writing: Writing, patience: Patience, now: float) -> float:
        """Seconds that we wait yet for a sign that a text is being written; 0 or less: no longer."""
        if writing.begun or writing.overtaken >= _OVERTAKEN:
            idle_s = max(patience.idle_s, _GAPS * self._gap_s)
            return writing.last_at + min(idle_s, patience.quiet_s) - now
        quiet_s = max(patience.quiet_s, _REPLIES * self._in_one_piece_s)
        return max(writing.sent_at, self._heard_at) + quiet_s - now

    def needed_s(self) -> float:
        """Seconds that a text may be expected to take at most; 0 where none has ended yet."""
        return _MARGIN * self._longest_s
