"""You always train and read MINE. The estimator chosen decides on both."""

from rdlab.mutual_information import estimate_mutual_information as exact

TASK = "3.7"


def estimate_mutual_information(x, z, *, estimator="mine", **options):
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}")
    return exact(x, z, estimator="mine", **options)
