"""A dimension beyond a fixed number changes another one."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.repeat(len(values), 1)
    rows[:, dimension % 10] = values
    return rows
