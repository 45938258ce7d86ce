"""You overwrite a row, that is one latent, instead of one dimension of all of them."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.repeat(len(values), 1)
    rows[dimension] = values
    return rows
