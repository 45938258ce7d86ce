"""Checks are run, results become a score and a grade record."""
