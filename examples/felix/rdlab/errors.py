"""The one error type whose message is written for the person at the keyboard."""


class LabError(Exception):
    """Something the user can mend; the message is one sentence that says how."""
