"""The isolation tiers, strongest first."""

from enum import StrEnum


class Tier(StrEnum):
    """How student code is confined; see `sandbox` for what each does."""

    BUBBLEWRAP = "bubblewrap"
    USER = "user"
    PROCESS = "process"
