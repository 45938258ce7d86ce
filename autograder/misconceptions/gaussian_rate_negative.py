"""Your rate goes below 0 where the distortion exceeds the variance. There the component need not be
coded at all."""

TASK = "2.1"


def gaussian_rate(variance, distortion):
    return 0.5 * (variance / distortion).log()
