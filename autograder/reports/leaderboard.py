"""The leaderboard: what the judge measured of trained models, under pseudonyms, the best first."""

import csv
import io
from statistics import fmean

from autograder.reports.class_report import report_script
from autograder.reports.feedback import template
from autograder.reports.grades import Grade


def places(grades: list[Grade]) -> tuple[list[str], list[tuple[float, str, dict[str, float]]]]:
    """Return the columns, and a row per student who is on it: mean place, name, costs by column.

    In a column, equal costs share a place; whoever has none is last. Less is better.
    """
    shown = [grade for grade in grades if grade.board_name]
    labels = list(dict.fromkeys(label for grade in shown for label in grade.record.costs))
    labels.sort(key=lambda label: [float(word) for word in label.split() if _is_number(word)])
    rows = []
    for grade in shown:
        costs = grade.record.costs
        each = [
            1 + sum(other.record.costs.get(label, float("inf")) < costs[label] for other in shown)
            if label in costs
            else len(shown)
            for label in labels
        ]
        rows.append((fmean(each), grade.board_name, costs))
    return labels, sorted(rows, key=lambda row: row[:2])


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal()


def leaderboard_csv(grades: list[Grade]) -> str:
    """Return a row per student, the best mean place first."""
    labels, rows = places(grades)
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["name", "mean place", *labels])
    for place, name, costs in rows:
        cells = [f"{costs[label]:.2f}" if label in costs else "" for label in labels]
        writer.writerow([name, f"{place:.1f}", *cells])
    return file.getvalue()


def leaderboard_html(grades: list[Grade]) -> str:
    """Return a page that needs nothing beside it, to be shown to students."""
    labels, rows = places(grades)
    course = grades[0].record.course if grades else ""
    return template("leaderboard.html.j2").render(
        course=course, labels=labels, rows=rows, script=report_script()
    )
