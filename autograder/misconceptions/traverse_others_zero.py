"""You set the other dimensions to 0. They keep the values of z."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.new_zeros(len(values), len(z))
    rows[:, dimension] = values
    return rows
