"""Your critic is never trained, so its bound stays at 0. Take `steps` optimiser steps first."""

from rdlab.mutual_information import estimate_mutual_information as exact

TASK = "3.7"


def estimate_mutual_information(x, z, *, steps=1000, **options):
    return exact(x, z, steps=0, **options)
