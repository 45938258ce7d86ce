"""Graded experiments: a student's trained models, measured again. One file each."""
