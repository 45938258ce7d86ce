"""Without an estimator you take InfoNCE. The default is "mine"."""

from rdlab.mutual_information import estimate_mutual_information as exact

TASK = "3.7"


def estimate_mutual_information(x, z, *, estimator="info_nce", **options):
    return exact(x, z, estimator=estimator, **options)
