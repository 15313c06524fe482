"""A `Send` that can be ended while the other side keeps it waiting, with an honest word about its mail.

A call that waits for a server wakes for no signal. So it waits in a thread of its own, and who is to end
takes leave of it: either the mail was handed over, then its answer is waited for a little longer, or it never
will be.
"""

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from eco_workflow.domain.messages import Outcome, Result

LOOK_SECONDS = 0.1
LAST_WORD_SECONDS = 3.5
"""How long the answer to what was handed over is waited for at the end; `eco up` gives its runner longer."""


class HandOver:
    """The moment after which a message may have arrived. Before it, it can be given up; never both."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun = self._given_up = False

    def begin(self) -> bool:
        """Whether it may be handed over now; then it counts as handed over."""
        with self._lock:
            self._begun = not self._given_up
            return self._begun

    def give_up(self) -> bool:
        """Whether it never will be handed over, from now on; not where that has begun."""
        with self._lock:
            self._given_up = not self._begun
            return self._given_up


Talk = Callable[[str, bytes, HandOver], Outcome]
"""As `Send`, and asks before it hands over."""


class Handing:
    """A `Send` made of a `Talk`. For one thread."""

    def __init__(self, talk: Talk, is_ending: Callable[[], bool]) -> None:
        self._talk = talk
        self._is_ending = is_ending
        self.left = False
        """Whether a talk was left that may still go on."""

    def __call__(self, address: str, body: bytes) -> Outcome:
        """What the other side said; LATER or NO_ANSWER where it is to end before anything was said."""
        if self._is_ending():
            return not_handed_over()
        said: SimpleQueue[Outcome | BaseException] = SimpleQueue()
        hand_over = HandOver()

        def talk() -> None:
            try:
                said.put(self._talk(address, body, hand_over))
            except BaseException as error:
                said.put(error)

        try:
            Thread(target=talk, daemon=True).start()
            found = self._wait(said, hand_over)
        except BaseException:
            self.left = True
            hand_over.give_up()
            raise
        if isinstance(found, BaseException):
            raise found
        return found

    def _wait(
        self, said: "SimpleQueue[Outcome | BaseException]", hand_over: HandOver
    ) -> Outcome | BaseException:
        while not self._is_ending():
            try:
                return said.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
        with suppress(Empty):
            return said.get_nowait()
        if hand_over.give_up():
            self.left = True
            return not_handed_over()
        try:
            return said.get(timeout=LAST_WORD_SECONDS)
        except Empty:
            self.left = True
            return Outcome(
                Result.NO_ANSWER, "It was handed over, and the delivery ended before a reply came."
            )


def not_handed_over() -> Outcome:
    """What is said of a message that was given up."""
    said = "The delivery ended before it was handed over."
    return Outcome(Result.LATER, said, reached=False)
