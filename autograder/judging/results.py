"""What the judge says of one submission, before points are counted. Needs no torch."""

from dataclasses import dataclass, field

from autograder.judging.record import Cause, CheckStatus


@dataclass(frozen=True)
class Evidence:
    """The last call of a check, what it returned and what was expected, as short texts."""

    call: str = ""
    returned: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Result:
    """What came of one check; cause and message are there unless it passed."""

    name: str
    status: CheckStatus
    cause: Cause | None = None
    message: str = ""
    evidence: Evidence = Evidence()
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """All results of a submission, by check, and what is worth telling the instructor."""

    results: dict[str, Result]
    diagnoses: dict[str, str] = field(default_factory=dict)
    """What students are told of a known mistake, by check."""
    notes: list[str] = field(default_factory=list)
    """On experiments that could not be verified."""
    incidents: list[str] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)
    """Seconds by what they were spent on."""
    isolation: str = ""
    costs: dict[str, float] = field(default_factory=dict)
    """What experiments cost as measured, less is better: "D + βR, β = 0.5" → 30.1."""
