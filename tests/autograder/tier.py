"""The tier in which tests grade: bubblewrap where it works here, as in a course."""

import pytest

from autograder.sandbox import sandbox
from autograder.sandbox.sandbox import Tier

NO_BUBBLEWRAP = bool(sandbox._try_bubblewrap())
TIER = Tier.PROCESS if NO_BUBBLEWRAP else Tier.BUBBLEWRAP
needs_bubblewrap = pytest.mark.skipif(NO_BUBBLEWRAP, reason="bubblewrap does not work here")
