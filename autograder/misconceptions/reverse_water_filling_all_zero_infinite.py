"""At D = 0 you always answer inf. If every variance is 0 there is nothing to tell, and the rate is
0."""

import math

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    result = exact(variances, distortion)
    return result if distortion else result._replace(rate=math.inf)
