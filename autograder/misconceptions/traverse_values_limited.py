"""You take the first values only: one row belongs to each."""

TASK = "2.8"


def traverse(z, dimension, values):
    values = values[:16]
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values
    return rows
