"""The one error type whose message is written for the person at the keyboard."""

import traceback
from collections.abc import Callable
from typing import Any


class LabError(Exception):
    """Something the user can fix; the message is one sentence that says how."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback."""
        return [f"error: {self}"]


def not_done(error: NotImplementedError) -> LabError:
    """Which task a stub belongs to, and where to open it; any other error is raised again."""
    if not str(error).startswith("Task "):
        raise error
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return LabError(f"{error} is not done yet: write it in {frame.filename}:{frame.lineno}.")


def attempt(work: Callable[[], Any]) -> tuple[Any, str]:
    """What `work` gives, and no sentence; or None and the sentence that names its stub."""
    try:
        return work(), ""
    except NotImplementedError as error:
        return None, str(not_done(error))
