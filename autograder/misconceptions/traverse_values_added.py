"""You add the values to the dimension. It takes the values in place of its own."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.repeat(len(values), 1)
    rows[:, dimension] += values
    return rows
