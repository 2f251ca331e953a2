"""A run: one sending of one issue, and the states it passes."""

from __future__ import annotations

from enum import StrEnum

from topthree.domain.ids import RunId
from topthree.domain.refusal import Conflict, NotFound


class NoSuchRun(NotFound):
    """There is no run with this id."""

    def __init__(self, run_id: RunId) -> None:
        super().__init__(f"There is no run {run_id}. See the list of runs.")


class RunStatus(StrEnum):
    """A run is done when no delivery of it is left to try."""

    RUNNING = "running"
    #: Nothing leaves until a person resumes it.
    PAUSED = "paused"
    #: What had not left by then never will, unless a person sends it after all.
    CANCELLED = "cancelled"
    DONE = "done"


class RunEvent(StrEnum):
    """What can happen to a run; the value is the verb used when it is refused."""

    PAUSE = "be paused"
    RESUME = "be resumed"
    CANCEL = "be cancelled"
    #: No delivery is left to try.
    FINISH = "finish"
    #: Those who were missed, or whom an editor decides about, get it after all.
    SEND_AGAIN = "be sent again"


_R, _P, _C, _D = RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.DONE

#: Every state and every event; None means that the event is refused in that state. Clicking twice
#: is normal: what has happened already stays as it is.
RUN_TRANSITIONS: dict[tuple[RunStatus, RunEvent], RunStatus | None] = {
    (_R, RunEvent.PAUSE): _P,
    (_R, RunEvent.RESUME): _R,
    (_R, RunEvent.CANCEL): _C,
    (_R, RunEvent.FINISH): _D,
    (_R, RunEvent.SEND_AGAIN): _R,
    (_P, RunEvent.PAUSE): _P,
    (_P, RunEvent.RESUME): _R,
    (_P, RunEvent.CANCEL): _C,
    (_P, RunEvent.FINISH): None,
    (_P, RunEvent.SEND_AGAIN): _P,
    (_C, RunEvent.PAUSE): None,
    (_C, RunEvent.RESUME): None,
    (_C, RunEvent.CANCEL): _C,
    (_C, RunEvent.FINISH): _C,
    (_C, RunEvent.SEND_AGAIN): _R,
    (_D, RunEvent.PAUSE): None,
    (_D, RunEvent.RESUME): None,
    (_D, RunEvent.CANCEL): None,
    (_D, RunEvent.FINISH): _D,
    (_D, RunEvent.SEND_AGAIN): _R,
}


def next_run_status(status: RunStatus, event: RunEvent) -> RunStatus:
    """Return the state after the event.

    :raises Conflict: if the event is refused in this state.
    """
    following = RUN_TRANSITIONS[status, event]
    if following is None:
        message = f"This run cannot {event}: it is {status}."
        raise Conflict(message)
    return following


class UncertainPolicy(StrEnum):
    """What becomes of a delivery whose final dot was sent and never answered."""

    #: Tried again with the same Message-ID: rather twice than not at all.
    RESEND = "resend"
    #: Kept until an editor decides: rather not at all than twice.
    HOLD = "hold"
