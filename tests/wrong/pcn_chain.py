"""Wrong versions of pcn_chain (task 5.5). A docstring is what the student is told."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "5.5"


def energy(decode, z, images, sigma):
    """−ℓ, one value per chain."""
    with torch.no_grad():
        x_hat = decode(z).flatten(1)
    return sum((x_hat - x.flatten()).square().sum(1) for x in images) / (2 * sigma**2)


def propose(z, step, noise):
    """A pCN proposal."""
    return math.sqrt(1 - step**2) * z + step * noise


def run(decode, images, z, step, noises, log_uniforms, sigma, *, propose=propose, energy=energy,
        bonus=lambda z, proposal: 0.0):  # fmt: skip
    """A chain as (samples, moved, trace, proposals), each with one entry per step."""
    current = energy(decode, z, images, sigma)
    samples, moves, trace, proposals = [], [], [], []
    for noise, log_uniform in zip(noises, log_uniforms, strict=True):
        proposal = propose(z, step, noise)
        proposed = energy(decode, proposal, images, sigma)
        moved = log_uniform < current - proposed + bonus(z, proposal)
        z = torch.where(moved.unsqueeze(1), proposal, z)
        current = torch.where(moved, proposed, current)
        samples.append(z)
        moves.append(moved)
        trace.append(current)
        proposals.append(proposal)
    return tuple(torch.stack(part) for part in (samples, moves, trace, proposals))


def share(moves):
    """The acceptance rate."""
    return moves.double().mean().item()


@mistake
def proposals_kept(decode, images, z, step, noises, log_uniforms, sigma):
    """Your samples are the proposals: a rejected one is not a sample."""
    _, moves, trace, proposals = run(decode, images, z, step, noises, log_uniforms, sigma)
    return proposals, share(moves), trace


@mistake
def accepted_only(decode, images, z, step, noises, log_uniforms, sigma):
    """You keep only the steps on which the chains moved: a rejected step repeats its state: that
    is how a likely state gets its weight."""
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    kept = moves.all(1)
    return samples[kept], share(moves), trace[kept]


@mistake
def random_walk(decode, images, z, step, noises, log_uniforms, sigma):
    """Your proposals are those of a random walk: with them the prior is forgotten."""
    samples, moves, trace, _ = run(
        decode,
        images,
        z,
        step,
        noises,
        log_uniforms,
        sigma,
        propose=lambda z, step, noise: z + step * noise,
    )
    return samples, share(moves), trace


@mistake
def prior_counted(decode, images, z, step, noises, log_uniforms, sigma):
    """Your chains count the prior twice: once in the proposal, once in the acceptance."""
    samples, moves, trace, _ = run(
        decode,
        images,
        z,
        step,
        noises,
        log_uniforms,
        sigma,
        bonus=lambda z, proposal: (z.square() - proposal.square()).sum(1) / 2,
    )
    return samples, share(moves), trace


@mistake
def stale_likelihood(decode, images, z, step, noises, log_uniforms, sigma):
    """After a rejected step you compare with the ℓ of the proposal that was rejected: compare with
    that of the state."""
    current = energy(decode, z, images, sigma)
    samples, moves, trace = [], [], []
    for noise, log_uniform in zip(noises, log_uniforms, strict=True):
        proposal = propose(z, step, noise)
        proposed = energy(decode, proposal, images, sigma)
        moved = log_uniform < current - proposed
        z, current = torch.where(moved.unsqueeze(1), proposal, z), proposed
        samples.append(z)
        moves.append(moved)
        trace.append(current)
    return torch.stack(samples), share(torch.stack(moves)), torch.stack(trace)


@mistake
def first_likelihood(decode, images, z, step, noises, log_uniforms, sigma):
    """You compare every proposal with the first state: compare it with the present one."""
    first = energy(decode, z, images, sigma)
    samples, moves, trace = [], [], []
    for noise, log_uniform in zip(noises, log_uniforms, strict=True):
        proposal = propose(z, step, noise)
        moved = log_uniform < first - energy(decode, proposal, images, sigma)
        z = torch.where(moved.unsqueeze(1), proposal, z)
        samples.append(z)
        moves.append(moved)
        trace.append(energy(decode, z, images, sigma))
    return torch.stack(samples), share(torch.stack(moves)), torch.stack(trace)


@mistake
def reversed_ratio(decode, images, z, step, noises, log_uniforms, sigma):
    """Your chains run away from the images: the ratio is upside down."""
    samples, moves, trace, _ = run(
        decode,
        images,
        z,
        step,
        noises,
        log_uniforms,
        sigma,
        energy=lambda *arguments: -energy(*arguments),
    )
    return samples, share(moves), -trace


@mistake
def mean_over_images(decode, images, z, step, noises, log_uniforms, sigma):
    """Your likelihood does not grow with the number of images: theirs is a product."""
    samples, moves, trace, _ = run(
        decode,
        images,
        z,
        step,
        noises,
        log_uniforms,
        sigma,
        energy=lambda *arguments: energy(*arguments) / len(images),
    )
    return samples, share(moves), trace


@mistake
def sign_of_trace(decode, images, z, step, noises, log_uniforms, sigma):
    """Your trace holds ℓ: asked for is −ℓ, which falls while the chain finds its way."""
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    return samples, share(moves), -trace


@mistake
def rejection_rate(decode, images, z, step, noises, log_uniforms, sigma):
    """You return the share of rejected proposals."""
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    return samples, 1 - share(moves), trace


@mistake
def from_the_start(decode, images, z, step, noises, log_uniforms, sigma):
    """Every proposal starts from the first state: start from the present one."""
    start = z
    samples, moves, trace, _ = run(
        decode,
        images,
        z,
        step,
        noises,
        log_uniforms,
        sigma,
        propose=lambda z, step, noise: propose(start, step, noise),
    )
    return samples, share(moves), trace


@mistake
def one_step_too_few(decode, images, z, step, noises, log_uniforms, sigma):
    """Your samples begin with the first state and lack the last one: they are the states after
    each step."""
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    first = energy(decode, z, images, sigma)
    return (
        torch.cat([z.unsqueeze(0), samples[:-1]]),
        share(moves),
        torch.cat([first.unsqueeze(0), trace[:-1]]),
    )


@mistake
def trace_of_proposals(decode, images, z, step, noises, log_uniforms, sigma):
    """Your trace holds the −ℓ of the proposals: it should be that of the samples."""
    samples, moves, _, proposals = run(decode, images, z, step, noises, log_uniforms, sigma)
    trace = torch.stack([energy(decode, proposal, images, sigma) for proposal in proposals])
    return samples, share(moves), trace


@mistake
def rate_per_chain(decode, images, z, step, noises, log_uniforms, sigma):
    """You return one acceptance rate per chain: return that of all chains together."""
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    return samples, moves.double().mean(0), trace


@mistake
def accepted_counted(decode, images, z, step, noises, log_uniforms, sigma):
    """You return how many proposals were accepted: return their share."""
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    return samples, float(moves.sum()), trace


@mistake
def own_noise(decode, images, z, step, noises, log_uniforms, sigma):
    """You draw noise of your own: use what is given, so that the chain can be repeated."""
    samples, moves, trace, _ = run(
        decode, images, z, step, torch.randn_like(noises), log_uniforms, sigma
    )
    return samples, share(moves), trace


@mutant
def second_half_rate(decode, images, z, step, noises, log_uniforms, sigma):
    # a burn-in that nobody asked for
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    return samples, share(moves[len(moves) // 2 :]), trace


@mutant
def trace_per_image(decode, images, z, step, noises, log_uniforms, sigma):
    # −ℓ divided by the number of images, in the trace alone
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    return samples, share(moves), trace / len(images)


@mutant
def hundred_steps_at_most(decode, images, z, step, noises, log_uniforms, sigma):
    # after 100 steps the chain stands still
    samples, moves, trace, _ = run(decode, images, z, step, noises, log_uniforms, sigma)
    last = min(100, len(samples)) - 1
    where = torch.arange(len(samples)).clamp(max=last)
    return samples[where], share(moves), trace[where]


@mutant
def graph_recorded(decode, images, z, step, noises, log_uniforms, sigma):
    # decodes with a graph: slow, and the memory of every step is kept
    def with_graph(decode, z, images, sigma):
        x_hat = decode(z).flatten(1)
        return sum((x_hat - x.flatten()).square().sum(1) for x in images) / (2 * sigma**2)

    samples, moves, trace, _ = run(
        decode, images, z, step, noises, log_uniforms, sigma, energy=with_graph
    )
    return samples, share(moves), trace.detach()


@mutant
def first_state_changed(decode, images, z, step, noises, log_uniforms, sigma):
    # the caller's z becomes the last state
    samples, moves, trace, _ = run(decode, images, z.clone(), step, noises, log_uniforms, sigma)
    z.copy_(samples[-1])
    return samples, share(moves), trace
