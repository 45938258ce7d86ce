"""Wrong versions of pcn_proposal (task 5.2). A docstring is what the student is told."""

import math

from tests.wrong import mistake, mutant

TASK = "5.2"


@mistake
def random_walk(z, step, noise):
    """You add the noise to the whole state (a random walk): the variance grows with every step,
    and the prior is no longer kept."""
    return z + step * noise


@mistake
def no_root(z, step, noise):
    """You shrink the state by 1 − step²: it is the square of its weight that makes up for step²."""
    return (1 - step**2) * z + step * noise


@mistake
def one_minus(z, step, noise):
    """Your weights add up to 1: their squares have to."""
    return (1 - step) * z + step * noise


@mistake
def root_of_one_minus(z, step, noise):
    """You take step for the variance of what is added: it is the standard deviation."""
    return math.sqrt(1 - step) * z + math.sqrt(step) * noise


@mistake
def swapped(z, step, noise):
    """State and noise have each other's weight: a small step should stay near the state."""
    return step * z + math.sqrt(1 - step**2) * noise


@mistake
def minus(z, step, noise):
    """You subtract the noise: the distribution is the same, but the given noise is to be added."""
    return math.sqrt(1 - step**2) * z - step * noise


@mistake
def squared_step(z, step, noise):
    """Your noise has the weight step²: it is step."""
    return math.sqrt(1 - step**2) * z + step**2 * noise


@mistake
def noise_only(z, step, noise):
    """Your proposal forgets the state: every step would start from 0."""
    return step * noise


@mistake
def linear(z, step, noise):
    """Your noise has the weight that the state lacks to 1: squares have to add up, not weights."""
    weight = math.sqrt(1 - step**2)
    return weight * z + (1 - weight) * noise


@mistake
def plus_in_the_root(z, step, noise):
    """Your state grows with each step: the root holds 1 − step²."""
    return math.sqrt(1 + step**2) * z + step * noise


@mistake
def unchanged(z, step, noise):
    """Your proposal is the state itself: the chain cannot move."""
    return z + 0 * noise


@mutant
def floor_of_step(z, step, noise):
    # a step of exactly 0 still moves, and one of 1 is cut
    step = min(max(step, 1e-3), 0.999)
    return math.sqrt(1 - step**2) * z + step * noise


@mutant
def in_place(z, step, noise):
    # the caller's state becomes the proposal: a rejected step cannot go back
    return z.mul_(math.sqrt(1 - step**2)).add_(step * noise)


@mutant
def one_noise_for_all_chains(z, step, noise):
    # the chains move together
    return math.sqrt(1 - step**2) * z + step * noise[:1]


@mutant
def clipped_states(z, step, noise):
    # latents beyond ±4 are cut off
    return (math.sqrt(1 - step**2) * z + step * noise).clamp(-4, 4)
