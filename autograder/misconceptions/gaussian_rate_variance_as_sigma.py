"""You square the variance: it is σ² already."""

TASK = "2.1"


def gaussian_rate(variance, distortion):
    return (0.5 * (variance.square() / distortion).log()).clamp(min=0)
