"""What the handout says of the course's settings."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.authoring.handout import _deadline
from autograder.course import Late

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 11, 30, 23, 59, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (None, "Your instructor announces when it is due."),
        (
            Late(DUE, BERLIN, 10),
            "Due on **30 November 2026, 23:59 (Europe/Berlin)**. Each day begun after that costs "
            "10 % of the points found.",
        ),
        (
            Late(DUE, BERLIN, 10, grace_minutes=15, cap_percent=50, days=7),
            "Due on **30 November 2026, 23:59 (Europe/Berlin)**. 15 minutes more still count as in "
            "time; after that each day begun costs 10 % of the points found, at most 50 %; more "
            "than 7 days late nothing is accepted.",
        ),
        (
            Late(DUE, BERLIN, 10, slip_days=2),
            "Due on **30 November 2026, 23:59 (Europe/Berlin)**. Each day begun after that costs "
            "10 % of the points found; you have 2 slip days: late days that are counted "
            "first and cost nothing.",
        ),
    ],
)
def test_the_deadline_is_that_of_the_course(late, said):
    assert _deadline(late) == said
