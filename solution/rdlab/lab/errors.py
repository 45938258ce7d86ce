"""The one error type whose message is written for the person at the keyboard."""

import traceback


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
