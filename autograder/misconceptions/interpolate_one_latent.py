"""Both ends of your walk are z_start."""

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    return z_start.repeat(steps, 1)
