"""You keep the values within a range: take them as they are."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values.clamp(-50, 50)
    return rows
