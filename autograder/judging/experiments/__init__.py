"""Graded experiments, one file each: see autograder/experiments.py for what such a file holds.

To add one, write NAME.py here with `EXPERIMENT = Experiment(name="NAME", ...)`; imported without
torch, which only its functions load. Beside it belong the function that the trusted child runs
(autograder/sandbox/inside/measure_NAME.py), a task in course.toml with `experiment = "NAME"`, and
that task's checks, which use the fixture NAME.
"""
