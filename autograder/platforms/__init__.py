"""Gradescope, GitHub, nbgrader, Canvas and Moodle."""
