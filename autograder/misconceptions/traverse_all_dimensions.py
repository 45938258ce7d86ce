"""You overwrite all dimensions. Only one runs; the others keep the values of z."""

TASK = "2.8"


def traverse(z, dimension, values):
    return values.unsqueeze(1).repeat(1, len(z))
