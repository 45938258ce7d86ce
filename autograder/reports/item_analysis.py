"""How the checks of a class came out, and how well they tell submissions apart.

The classical figures of test theory. Difficulty is the share that passed; discrimination the
correlation of passing with the points of all other checks (corrected item-total correlation);
reliability Cronbach's alpha of the points of all checks, and from it the standard error of
measurement. Submissions that have earned nothing are in the counts alone: that they fail everything
says nothing of a check.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import StatisticsError, correlation, pvariance

from autograder.judging.record import Cause, CheckRecord, CheckStatus
from autograder.reports.grades import Grade
from autograder.text import number

POOR = 0.2
"""Below this discrimination an item is customarily called poor (Ebel and Frisbie, 1991)."""
ENOUGH = 10
"""From this many submissions on a correlation says something."""
VERDICTS = ("passed", "failed", "not started", "not graded")


@dataclass
class Item:
    """A check, and how it came out in a class."""

    task: str
    name: str
    title: str
    visibility: str
    points: float
    counts: Counter[str] = field(default_factory=Counter)
    """Submissions by verdict."""
    passed: list[float] = field(default_factory=list)
    """1 or 0 for each submission that has earned anything, in one order for all checks."""
    earned: list[float] = field(default_factory=list)
    discrimination: float | None = None
    """None where there are too few submissions, or all came out alike."""

    @property
    def share(self) -> float:
        """Per cent that passed."""
        return 100 * self.counts[CheckStatus.PASSED] / self.counts.total()

    @property
    def poor(self) -> str:
        """Why the check hardly tells submissions apart; empty where it does."""
        if len(self.passed) < 2:
            return ""
        if all(self.passed):
            return "all pass"
        if not any(self.passed):
            return "all fail"
        r = self.discrimination
        return f"hardly tells strong from weak (r = {r:.2f})" if r is not None and r < POOR else ""


@dataclass
class Analysis:
    """The checks of a class, by task, and the reliability of their sum."""

    items: list[Item]
    submissions: int
    """Those that have earned anything."""
    alpha: float | None = None
    """Cronbach's; None where it is not defined, or there are too few submissions."""
    error: float | None = None
    """The standard error of measurement, in points."""


def analyse(grades: Sequence[Grade]) -> Analysis:
    """Return the figures of the checks in graded submissions, as the judge found them."""
    items: dict[str, Item] = {}
    for grade in grades:
        counts = grade.autograder_score > 0
        for task in grade.record.tasks:
            for check in task.checks:
                item = items.get(check.name)
                if item is None:
                    item = _item(task.id, check)
                    items[check.name] = item
                item.counts[_verdict(check)] += 1
                if counts:
                    item.passed.append(float(check.status is CheckStatus.PASSED))
                    item.earned.append(check.earned)
    ordered = sorted(items.values(), key=lambda item: [int(part) for part in item.task.split(".")])
    return _with_figures(ordered)


def _item(task: str, check: CheckRecord) -> Item:
    return Item(task, check.name, check.title, check.visibility, check.points)


def _verdict(check: CheckRecord) -> str:
    return "not started" if check.cause is Cause.NOT_STARTED else check.status


def _with_figures(items: list[Item]) -> Analysis:
    """Add what needs all checks of all submissions; some may lack checks, then nothing is added."""
    sizes = {len(item.earned) for item in items}
    most = max(sizes, default=0)
    found = Analysis(items, most)
    if len(sizes) != 1 or most < ENOUGH:
        return found
    totals = [sum(points) for points in zip(*(item.earned for item in items), strict=True)]
    for item in items:
        others = [total - own for total, own in zip(totals, item.earned, strict=True)]
        try:
            item.discrimination = correlation(item.passed, others)
        except StatisticsError:  # all came out alike
            continue
    spread, count = pvariance(totals), len(items)
    if count > 1 and spread > 0:
        alone = sum(pvariance(item.earned) for item in items)
        found.alpha = count / (count - 1) * (1 - alone / spread)
        found.error = sqrt(spread * max(0.0, 1 - found.alpha))
    return found


def statistics_csv(analysis: Analysis) -> str:
    """Return a row per check, and one of the whole: reliability, standard error of measurement."""
    header = ["task", "check", "title", "visible to", "points", *VERDICTS, "difficulty"]
    header += ["discrimination", "submissions", "alpha", "standard error"]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    for item in analysis.items:
        who = "students" if item.visibility == "public" else "staff"
        row = [item.task, item.name, item.title, who, number(item.points)]
        row += [str(item.counts[verdict]) for verdict in VERDICTS]
        row += [f"{item.share / 100:.3f}", _figure(item.discrimination), str(len(item.passed))]
        writer.writerow([*row, "", ""])
    whole = ["all", *[""] * (len(header) - 4), str(analysis.submissions)]
    writer.writerow([*whole, _figure(analysis.alpha), _figure(analysis.error)])
    return file.getvalue()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
