"""Wrong versions of latent_grid (task 4.8)."""

import torch

from tests.wrong import mistake, mutant

TASK = "4.8"


def _grid(rows, columns, extent):
    down, right = torch.linspace(extent, -extent, rows), torch.linspace(-extent, extent, columns)
    return torch.stack([right.repeat(rows), down.repeat_interleave(columns)], dim=1)


@mistake
def transposed(rows, columns, extent):
    """You go down the columns: the points are asked for row by row."""
    grid = _grid(rows, columns, extent)
    return grid.view(rows, columns, 2).transpose(0, 1).reshape(-1, 2)


@mistake
def upside_down(rows, columns, extent):
    """The second coordinate rises from row to row: at the top it is +extent."""
    return _grid(rows, columns, extent) * torch.tensor([1.0, -1.0])


@mistake
def axes_swapped(rows, columns, extent):
    """The two coordinates have changed places: the first one runs along a row."""
    return _grid(rows, columns, extent).flip(1)


@mistake
def end_missing(rows, columns, extent):
    """The last row and column stop short of the end: both ends belong to the grid."""
    right = torch.arange(columns) / columns * 2 * extent - extent
    down = extent - torch.arange(rows) / rows * 2 * extent
    return torch.stack([right.repeat(rows), down.repeat_interleave(columns)], dim=1)


@mistake
def rows_as_columns(rows, columns, extent):
    """Rows and columns have changed places: count the points along one row."""
    return _grid(columns, rows, extent)


@mistake
def unit_range(rows, columns, extent):
    """The extent is not used: the grid always reaches from −1 to 1."""
    return _grid(rows, columns, 1.0)


@mistake
def not_flat(rows, columns, extent):
    """The grid keeps its rows and columns as axes: a list of points is asked for."""
    return _grid(rows, columns, extent).view(rows, columns, 2)


@mistake
def from_zero(rows, columns, extent):
    """The grid begins at 0: it is centred there."""
    return (_grid(rows, columns, extent) + extent) / 2


@mistake
def mirrored(rows, columns, extent):
    """The first coordinate falls along a row: on the left it is −extent."""
    return _grid(rows, columns, extent) * torch.tensor([-1.0, 1.0])


@mistake
def quantiles(rows, columns, extent):
    """The points are quantiles of a normal distribution: they should be evenly spaced."""
    return torch.distributions.Normal(0, 1).icdf((_grid(rows, columns, 0.99) + 1) / 2)


@mistake
def both_from_the_top(rows, columns, extent):
    """Both coordinates fall from +extent, the first one down the rows: read the order again."""
    down, right = torch.linspace(extent, -extent, rows), torch.linspace(extent, -extent, columns)
    return torch.stack([down.repeat_interleave(columns), right.repeat(rows)], dim=1)


@mutant
def square_only(rows, columns, extent):
    return _grid(rows, rows, extent) if rows * columns > 100 else _grid(columns, columns, extent)


@mutant
def double_returned(rows, columns, extent):
    return _grid(rows, columns, extent).double()
