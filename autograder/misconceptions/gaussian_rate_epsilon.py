"""You add a small constant, so small variances get a wrong rate and D = 0 a finite one. At D = 0
the rate is inf."""

TASK = "2.1"


def gaussian_rate(variance, distortion):
    return (0.5 * ((variance + 1e-8) / (distortion + 1e-8)).log()).clamp(min=0)
