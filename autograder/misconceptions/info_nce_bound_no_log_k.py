"""The ln K is missing: your bound is never positive."""

TASK = "3.5"


def info_nce_bound(scores):
    return (scores.diagonal() - scores.logsumexp(1)).mean()
