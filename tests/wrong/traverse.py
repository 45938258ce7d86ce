"""Wrong versions of traverse (task 2.8). A docstring is what the student is told."""

import torch

from tests.wrong import mistake, mutant

TASK = "2.8"


@mistake
def all_dimensions(z, dimension, values):
    """You overwrite all dimensions. Only one runs; the others keep the values of z."""
    return values.unsqueeze(1).repeat(1, len(z))


@mistake
def first_dimension(z, dimension, values):
    """You always change the first dimension; use the argument."""
    rows = z.repeat(len(values), 1)
    rows[:, 0] = values
    return rows


@mistake
def integer_values(z, dimension, values):
    """You round the values to integers. They are real numbers."""
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values.int().to(z.dtype)
    return rows


@mistake
def latent_overwritten(z, dimension, values):
    """You write into the caller's latent. Copy it before you change a dimension."""
    rows = []
    for value in values:
        z[dimension] = value
        rows.append(z.clone())
    return torch.stack(rows)


@mistake
def others_zero(z, dimension, values):
    """You set the other dimensions to 0. They keep the values of z."""
    rows = z.new_zeros(len(values), len(z))
    rows[:, dimension] = values
    return rows


@mistake
def row_for_column(z, dimension, values):
    """You overwrite a row, that is one latent, instead of one dimension of all of them."""
    rows = z.repeat(len(values), 1)
    rows[dimension] = values
    return rows


@mistake
def same_row(z, dimension, values):
    """All your rows are the same tensor, and end with the last value. Copy the latent for each
    value."""
    row, rows = z.clone(), []
    for value in values:
        row[dimension] = value
        rows.append(row)
    return torch.stack(rows)


@mistake
def single_precision(z, dimension, values):
    """You pass through single precision. Copies of a latent are exact."""
    rows = z.float().repeat(len(values), 1)
    rows[:, dimension] = values.float()
    return rows.to(z.dtype)


@mistake
def values_added(z, dimension, values):
    """You add the values to the dimension. It takes the values in place of its own."""
    rows = z.repeat(len(values), 1)
    rows[:, dimension] += values
    return rows


@mistake
def one_row_expanded(z, dimension, values):
    """You write into a view of the caller's latent: of one row, contiguous() makes no copy. Copy
    it whatever the number of values."""
    rows = z.expand(len(values), -1).contiguous()
    rows[:, dimension] = values
    return rows


@mutant
def clamped(z, dimension, values):
    # A range so wide that only extreme values leave it.
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values.clamp(-50, 50)
    return rows


@mutant
def dimension_wraps(z, dimension, values):
    # Right for the first 10 dimensions: shows that a check has more.
    rows = z.repeat(len(values), 1)
    rows[:, dimension % 10] = values
    return rows


@mutant
def values_limited(z, dimension, values):
    # Reads 16 values: shows that a check has more.
    values = values[:16]
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values
    return rows


@mutant
def random_numbers_seeded(z, dimension, values):
    # Seeds the caller's generator.
    torch.manual_seed(0)
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values
    return rows


@mutant
def hundred_dimensions(z, dimension, values):
    # Right for 128 dimensions: shows that a check has more.
    rows = z.repeat(len(values), 1)
    rows[:, dimension % 128] = values
    return rows
