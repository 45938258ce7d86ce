"""Wrong versions of pcn_accept (task 5.4). A docstring is what the student is told."""

import torch

from tests.wrong import mistake, mutant

TASK = "5.4"


def moved(accepted, z, proposal, before, after):
    """The right result for a given choice of chains."""
    states = torch.where(accepted.unsqueeze(1), proposal, z)
    return states, torch.where(accepted, after, before), accepted


@mistake
def ratio_reversed(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """Your ratio is upside down: the likelihood of the proposal is the numerator."""
    accepted = log_uniform < log_likelihood - proposal_log_likelihood
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def energy_sign(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You treat ℓ as an energy and return it with the other sign."""
    accepted = log_uniform < log_likelihood - proposal_log_likelihood
    return moved(accepted, z, proposal, -log_likelihood, -proposal_log_likelihood)


@mistake
def all_or_none(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """One decision moves all your chains: each has to decide for itself."""
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    accepted = accepted.all().expand(len(z)).clone()
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def only_uphill(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You accept improvements only: that searches for the best z, it does not sample."""
    accepted = proposal_log_likelihood >= log_likelihood
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def prior_counted(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You multiply the ratio of the priors in: the proposal respects the prior already, so it would
    count twice."""
    prior = (z.square().sum(1) - proposal.square().sum(1)) / 2
    accepted = log_uniform < proposal_log_likelihood - log_likelihood + prior
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def likelihood_not_kept(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """Where a chain stays, it must keep its old ℓ as well as its old state."""
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    states = torch.where(accepted.unsqueeze(1), proposal, z)
    return states, proposal_log_likelihood.clone(), accepted


@mistake
def old_likelihood_kept(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """Where a chain moves, its new state has the proposal's ℓ: yours keeps the old one."""
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    states = torch.where(accepted.unsqueeze(1), proposal, z)
    return states, log_likelihood.clone(), accepted


@mistake
def always(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You accept every proposal: the images have no influence then."""
    accepted = torch.ones(len(z), dtype=torch.bool)
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def never(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """Your chains never move."""
    accepted = torch.zeros(len(z), dtype=torch.bool)
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def dropped(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You drop the chains that stay: a rejected step repeats the state."""
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    return proposal[accepted], proposal_log_likelihood[accepted], accepted


@mistake
def uniform_not_log(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You compare the difference of logarithms with u itself: compare it with ln u."""
    accepted = log_uniform.exp() < proposal_log_likelihood - log_likelihood
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def underflow(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You exponentiate each ℓ: both likelihoods are 0 for real images, and 0/0 decides nothing."""
    accepted = log_uniform.exp() < proposal_log_likelihood.exp() / log_likelihood.exp()
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def inverted_mask(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """Accepted chains stay and rejected ones move: the two cases are exchanged."""
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    states, values, _ = moved(~accepted, z, proposal, log_likelihood, proposal_log_likelihood)
    return states, values, accepted


@mistake
def half_of_the_gap(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You halve the difference of the log-likelihoods: ½ belongs to the density, not to the
    ratio."""
    accepted = log_uniform < (proposal_log_likelihood - log_likelihood) / 2
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mistake
def rate_for_mask(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    """You return the share of chains that moved: say it of each chain."""
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    states, values, _ = moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)
    return states, values, accepted.double().mean()


@mutant
def equal_accepted(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    # ≤ in place of <
    accepted = log_uniform <= proposal_log_likelihood - log_likelihood
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mutant
def gap_clamped(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    # a fall of more than 3 nats counts as one of 3
    gap = (proposal_log_likelihood - log_likelihood).clamp(min=-3)
    accepted = log_uniform < gap
    return moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)


@mutant
def state_in_place(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    # the caller's state is overwritten
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    z[accepted] = proposal[accepted]
    return z, torch.where(accepted, proposal_log_likelihood, log_likelihood), accepted


@mutant
def mask_as_numbers(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    # the mask is not of dtype bool
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    states, values, _ = moved(accepted, z, proposal, log_likelihood, proposal_log_likelihood)
    return states, values, accepted.to(z.dtype)


@mutant
def dimension_by_dimension(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    # the mask runs over the dimensions where there are as many as chains
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    mask = accepted if z.shape[0] == z.shape[1] else accepted.unsqueeze(1)
    states = torch.where(mask, proposal, z)
    return states, torch.where(accepted, proposal_log_likelihood, log_likelihood), accepted
