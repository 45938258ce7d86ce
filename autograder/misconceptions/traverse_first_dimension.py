"""You always change the first dimension; use the argument."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.repeat(len(values), 1)
    rows[:, 0] = values
    return rows
