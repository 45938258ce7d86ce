"""The ranges that hypothesis draws inputs from, in float64."""

import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

latent_shapes = array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5)
means = st.floats(-10, 10)
log_vars = st.floats(-30, 30)
noises = st.floats(-10, 10)
betas = st.floats(0, 50)
prices = st.floats(0.01, 50)  # a β above 0
shares = st.floats(0.001, 1.5)  # of the total variance, as a distortion


def tensors(shape, elements):
    """float64 tensors of that shape (a tuple or a strategy)."""
    return arrays("float64", shape, elements=elements).map(torch.from_numpy)


def posteriors():
    """(mean, log_var), each of one shape with one to three axes."""
    return latent_shapes.flatmap(
        lambda shape: st.tuples(tensors(shape, means), tensors(shape, log_vars))
    )


def samples():
    """(mean, log_var, noise) of one shape."""
    return latent_shapes.flatmap(
        lambda shape: st.tuples(*(tensors(shape, values) for values in (means, log_vars, noises)))
    )


def spectra(min_size: int = 1):
    """Component variances: unsorted, some equal, some 0, not all 0."""
    variance = st.one_of(st.just(0.0), st.sampled_from([0.5, 1.0, 2.0]), st.floats(1e-3, 1e3))
    values = st.lists(variance, min_size=min_size, max_size=12).filter(any)
    return values.map(lambda chosen: torch.tensor(chosen, dtype=torch.float64))
