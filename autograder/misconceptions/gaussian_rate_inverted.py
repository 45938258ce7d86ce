"""Your ratio is upside down: the rate must grow as the distortion falls."""

TASK = "2.1"


def gaussian_rate(variance, distortion):
    return (0.5 * (distortion / variance).log()).clamp(min=0)
