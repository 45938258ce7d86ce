"""You pass through single precision. Copies of a latent are exact."""

TASK = "2.8"


def traverse(z, dimension, values):
    rows = z.float().repeat(len(values), 1)
    rows[:, dimension] = values.float()
    return rows.to(z.dtype)
