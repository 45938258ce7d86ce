"""You cut negative values off. For a bad classifier the bound is negative, and that is worth
seeing."""

from rdlab.probe import label_information as exact

TASK = "3.9"


def label_information(logits, labels):
    return max(exact(logits, labels), 0.0)
