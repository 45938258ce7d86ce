"""This is the capacity of a Gaussian channel, ½ ln(1 + signal/noise). The rate-distortion function
has no 1 in it."""

TASK = "2.1"


def gaussian_rate(variance, distortion):
    return 0.5 * (variance / distortion).log1p()
