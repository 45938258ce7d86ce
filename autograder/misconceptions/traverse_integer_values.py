"""You round the values to integers. They are real numbers."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values.int().to(z.dtype)
    return rows
