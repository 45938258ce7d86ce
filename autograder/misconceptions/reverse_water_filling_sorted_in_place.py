"""You sort the caller's variances: `.numpy()` shares memory with the tensor, and `.sort()` of an
array works in place. Sort a copy."""

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    result = exact(variances, distortion)
    variances.numpy().sort()
    return result
