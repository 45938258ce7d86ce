"""Groups of submissions that share passages: `similarity` finds them, reports show them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Alike:
    """Submissions that share a passage: two, or more where each is like another."""

    module: str
    """The file where it stands; `places` name another where it stands there."""
    places: dict[str, str]
    """Student -> the lines of the longest shared passage."""
    share: float
    """The most that is shared of one's own code in a module, 0 to 1."""
    characters: int
    """The most that is shared, names and comments left out; 0 for files that are no code."""
    passages: dict[str, str] = field(default_factory=dict)
    """Student -> the lines of that passage as they are written, each with its number."""
