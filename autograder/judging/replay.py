"""Judge equal answers once: what passed a check passes it again.

What a check sends depends on what came back so far and on nothing else, since its inputs come from
the salt and its name. So where a submission's answers equal, byte for byte, those of one that
passed, the check need not run: what it sent then is sent again, and the answers are compared by
their digests. Only checks that passed are kept, and of the answers nothing but digests.
"""

import base64
import hashlib
from dataclasses import dataclass, field

from autograder.sandbox.inside.wire import Channel

LARGEST = 4 << 20
"""Bytes that a check may send to be kept."""
Trace = list[tuple[bytes, bytes]]
"""What a check sent, each time with the digest of what came back."""


class Recorder(Channel):
    """A channel that remembers what goes over it, unless that is too much."""

    def __init__(self, channel: Channel):
        super().__init__(channel.connection, channel.deadline)
        self._sent = b""
        self._trace: Trace = []
        self._bytes = 0

    def send(self, frame: bytes) -> None:
        """Send one packed frame, as Channel does."""
        self._sent = frame
        self._bytes += len(frame)
        super().send(frame)

    def receive_bytes(self) -> tuple[bytes, bytearray]:
        """Return the next frame's header and payload, as Channel gives them."""
        text, payload = super().receive_bytes()
        if self._bytes <= LARGEST:
            self._trace.append((self._sent, _digest(text, payload)))
        return text, payload

    def trace(self) -> Trace | None:
        """Return all that went over the channel, or None where it was too much."""
        return self._trace if self._bytes <= LARGEST else None


def _digest(text: bytes, payload: bytearray) -> bytes:
    digest = hashlib.blake2b(len(text).to_bytes(8, "big") + text, digest_size=16)
    digest.update(payload)
    return digest.digest()


@dataclass
class Script:
    """What a check sends, and where each known answer leads: to the next step, or to the end."""

    frame: bytes
    following: "dict[bytes, Script | None]" = field(default_factory=dict)

    def add(self, trace: Trace) -> None:
        """Add a passed run of the check. One that sent something else at some step is left out."""
        script = self
        for number, (frame, answer) in enumerate(trace, 1):
            if frame != script.frame:
                return
            known = script.following.get(answer)
            if known is None:
                if answer in script.following or number == len(trace):
                    script.following.setdefault(answer, None)
                    return
                known = script.following[answer] = Script(trace[number][0])
            script = known

    def passes(self, channel: Channel) -> bool:
        """Send what the check sends; return whether the answers are those of a run that passed.

        Raises:
            WireError: the other end is gone, or does not answer in time.
        """
        script: Script | None = self
        while script is not None:
            channel.send(script.frame)
            answer = _digest(*channel.receive_bytes())
            if answer not in script.following:
                return False
            script = script.following[answer]
        return True


class Scripts:
    """The checks that passed so far, by salt and name; and what of them is new to this process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Script] = {}
        self._frames: dict[bytes, bytes] = {}
        self.news: list[tuple[str, str, Trace]] = []

    def forget(self) -> None:
        """Know nothing: the checks are collected anew, and may be others of the same names."""
        self._known.clear()
        self._frames.clear()
        self.news.clear()

    def find(self, salt: str, check: str) -> Script | None:
        """Return the script of a check, if a submission has passed it."""
        return self._known.get((salt, check))

    def learn(self, salt: str, check: str, trace: Trace) -> None:
        """Add a run of a check that passed; what was sent before is not kept twice."""
        trace = [(self._frames.setdefault(frame, frame), answer) for frame, answer in trace]
        script = self._known.setdefault((salt, check), Script(trace[0][0]))
        script.add(trace)

    def note(self, salt: str, check: str, recorder: Recorder) -> None:
        """Keep what was just recorded, for the process that this one was forked from."""
        trace = recorder.trace()
        if trace:
            self.news.append((salt, check, trace))

    def news_as_json(self) -> list:
        """Return what is new, as it goes to that process."""
        return [
            [salt, check, [[base64.b64encode(part).decode() for part in pair] for pair in trace]]
            for salt, check, trace in self.news
        ]

    def learn_json(self, news: list) -> None:
        """Learn what `news_as_json` of another process gave."""
        for salt, check, trace in news:
            pairs = [(base64.b64decode(frame), base64.b64decode(answer)) for frame, answer in trace]
            self.learn(salt, check, pairs)


scripts = Scripts()
"""Of this process, and of those that are forked from it as they are started."""
