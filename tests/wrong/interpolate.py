"""Wrong versions of interpolate (task 2.7). A docstring is what the student is told."""

import torch

from tests.wrong import mistake, mutant

TASK = "2.7"


@mistake
def columns(z_start, z_end, steps):
    """Your points stand in columns. Return one point per row, shape (steps, d)."""
    weight = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    return ((1 - weight) * z_start + weight * z_end).T


@mistake
def end_missing(z_start, z_end, steps):
    """Your last point is not z_end. Both ends are included."""
    weight = torch.arange(steps).unsqueeze(1).to(z_start) / steps
    return (1 - weight) * z_start + weight * z_end


@mistake
def ends_extra(z_start, z_end, steps):
    """You put the ends around `steps` points in between. The ends are among the `steps` points."""
    weight = torch.linspace(0, 1, steps + 2).unsqueeze(1).to(z_start)
    return (1 - weight) * z_start + weight * z_end


@mistake
def not_even(z_start, z_end, steps):
    """Your points are not evenly spaced: they crowd at the ends."""
    weight = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    weight = weight * weight * (3 - 2 * weight)
    return (1 - weight) * z_start + weight * z_end


@mistake
def one_latent(z_start, z_end, steps):
    """Both ends of your walk are z_start."""
    return z_start.repeat(steps, 1)


@mistake
def per_dimension(z_start, z_end, steps):
    """Your weights run over the latent dimensions instead of the points; this works only for steps
    = d."""
    weight = torch.linspace(0, 1, steps).to(z_start)
    return torch.stack([(1 - weight) * z_start + weight * z_end] * steps)


@mistake
def reversed(z_start, z_end, steps):
    """Your walk goes from z_end to z_start."""
    weight = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    return weight * z_start + (1 - weight) * z_end


@mistake
def spherical(z_start, z_end, steps):
    """You walk along an arc (spherical interpolation). Asked for is the straight line."""
    t = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    cosine = z_start @ z_end / (z_start.norm() * z_end.norm())
    angle = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos()
    return (((1 - t) * angle).sin() * z_start + (t * angle).sin() * z_end) / angle.sin()


@mutant
def clamped(z_start, z_end, steps):
    # A range so wide that only latents far out leave it.
    w = torch.linspace(0, 1, steps, dtype=z_start.dtype)[:, None]
    rows = (1 - w) * z_start + w * z_end
    return rows.clamp(-5, 5)


@mutant
def steps_limited(z_start, z_end, steps):
    # Repeats the end beyond 20 steps: shows that a check asks for more.
    delta = (z_end - z_start) / (steps - 1)
    rows = [z_start]
    for _ in range(min(steps, 20) - 1):
        rows.append(rows[-1] + delta)
    rows += [z_end] * (steps - len(rows))
    return torch.stack(rows)


@mutant
def single_weights(z_start, z_end, steps):
    # Latents in double precision, but weights that were single.
    weight = torch.linspace(0, 1, steps).to(z_start.dtype).unsqueeze(1)
    return (1 - weight) * z_start + weight * z_end


@mutant
def thousand_steps(z_start, z_end, steps):
    # Right for 1,000 points: shows that a check has more.
    weight = torch.linspace(0, 1, steps, dtype=z_start.dtype).unsqueeze(1)
    points = (1 - weight) * z_start + weight * z_end
    return points[torch.arange(steps) % 1000]
