"""Wrong versions of estimate_mutual_information (task 3.7).

A docstring is what the student is told.
"""

import math

import torch

from rdlab.lab.critic import Critic, split_halves
from rdlab.mutual_information import (
    dv_bound,
    info_nce_bound,
    marginal_pairs,
    mine_step,
    nwj_bound,
    smile_bound,
)
from rdlab.mutual_information import estimate_mutual_information as exact
from tests.wrong import mistake, mutant

TASK = "3.7"


class Training:
    """What a right training consists of: a mistake changes one thing about it."""

    def __init__(self, x, z, estimator, batch_size, hidden, seed, history):
        if estimator not in ("mine", "nwj", "info_nce", "smile"):
            raise ValueError(f"unknown estimator {estimator!r}")
        torch.manual_seed(seed)
        self.estimator, self.batch_size, self.history = estimator, batch_size, history
        self.train, self.held_out = split_halves(x, z, torch.Generator().manual_seed(seed))
        self.critic, self.ema = Critic(x.shape[1], z.shape[1], hidden), None
        self.optimizer = torch.optim.Adam(self.critic.parameters(), lr=1e-3, fused=True)

    def batch(self):
        """Draw rows of the training half."""
        return torch.randint(len(self.train[0]), (self.batch_size,))

    def pairs(self):
        """Draw pairs of the training half."""
        rows = self.batch()
        return self.train[0][rows], self.train[1][rows]

    def scores(self, x, z):
        """Score pairs drawn together, and drawn apart by a new permutation."""
        return self.critic(x, z), self.critic(*marginal_pairs(x, z, torch.randperm(len(x))))

    def loss(self, x, z):
        """What a step on these pairs minimises."""
        if self.estimator == "info_nce":
            return self.noted(info_nce_bound(self.critic.matrix(x, z)))
        return self.loss_of(*self.scores(x, z))

    def loss_of(self, joint, marginal):
        """What a step on these scores minimises."""
        if self.estimator == "nwj":
            return self.noted(nwj_bound(joint, marginal))
        loss, self.ema = mine_step(joint, marginal, self.ema)
        self.noted(dv_bound(joint, marginal))
        return loss

    def noted(self, bound):
        """Put a batch's bound into the history; its negative is the loss."""
        if self.history is not None:
            self.history.append(bound.item())
        return -bound

    def step(self, loss):
        """Descend."""
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    @torch.no_grad()
    def read(self, x, z):
        """The bound on pairs, by the estimator's own reading."""
        if self.estimator == "info_nce":
            batches = zip(x.split(self.batch_size), z.split(self.batch_size), strict=True)
            whole = [pair for pair in batches if len(pair[0]) == self.batch_size] or [(x, z)]
            bounds = [info_nce_bound(self.critic.matrix(*pair)).item() for pair in whole]
            return sum(bounds) / len(bounds)
        bound = {"mine": dv_bound, "nwj": nwj_bound, "smile": smile_bound}[self.estimator]
        marginal = torch.cat([self.scores(x, z)[1] for _ in range(16)])
        return bound(self.critic(x, z), marginal).item()


@mistake
def bits(x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None):
    """Your estimate is in bits. Report it in nats."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options) / math.log(2)


@mistake
def both_permuted(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You permute both sides alike, so your marginal pairs are joint pairs and the bound stays at 0
    however dependent x and z are."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)

    def scores(x, z):
        order = torch.randperm(len(x))
        return training.critic(x, z), training.critic(x[order], z[order])

    training.scores = scores
    for _ in range(steps):
        training.step(training.loss(*training.pairs()))
    return training.read(*training.held_out)


@mistake
def correlations(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You compute what Gaussians with these correlations would share. Other pairs can be dependent
    without any correlation: train a critic."""
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}")
    if history is not None:
        history += [0.0] * steps
    both = torch.cat([x, z], 1).double()
    whole, left, right = (
        torch.logdet(torch.cov(part.T).reshape(part.shape[1], -1))
        for part in (both, both[:, : x.shape[1]], both[:, x.shape[1] :])
    )
    return 0.5 * (left + right - whole).item()


@mistake
def batch_size_ignored(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Your batches have 64 pairs whatever `batch_size` says."""
    options = {"hidden": hidden, "history": history}
    return exact(x, z, estimator=estimator, steps=steps, batch_size=64, seed=seed, **options)


@mutant
def always_zero(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Returns 0 for all pairs."""
    return 0.0


@mutant
def always_one(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Returns 1 for all pairs."""
    return 1.0


@mistake
def estimator_ignored(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You always train and read MINE. The estimator chosen decides on both."""
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}")
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return exact(x, z, estimator="mine", steps=steps, seed=seed, **options)


@mistake
def gradients_not_reset(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You never reset the gradients, so every step repeats all the earlier ones."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        training.loss(*training.pairs()).backward()
        training.optimizer.step()
    return training.read(*training.held_out)


@mistake
def history_left_empty(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Nothing is put into `history`: append the bound of each step's batch."""
    options = {"batch_size": batch_size, "hidden": hidden}
    return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)


@mistake
def history_of_losses(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Your history holds the loss of each step. Append the bound, in nats."""
    training = Training(x, z, estimator, batch_size, hidden, seed, None)
    for _ in range(steps):
        loss = training.loss(*training.pairs())
        training.step(loss)
        if history is not None:
            history.append(loss.item())
    return training.read(*training.held_out)


@mutant
def half_of_the_steps(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Trains half as long as asked."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return exact(x, z, estimator=estimator, steps=(steps + 1) // 2, seed=seed, **options)


@mistake
def loss_maximised(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You climb the loss instead of descending it. An optimiser minimises: the bound's sign must be
    turned once, not twice."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        training.step(-training.loss(*training.pairs()))
    return training.read(*training.held_out)


@mistake
def never_trained(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Your critic is never trained, so its bound stays at 0. Take `steps` optimiser steps first."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return exact(x, z, estimator=estimator, steps=0, seed=seed, **options)


@mistake
def one_batch(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You train on the same batch in every step. Draw new pairs each time."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    pairs = training.pairs()
    for _ in range(steps):
        training.step(training.loss(*pairs))
    return training.read(*training.held_out)


@mistake
def other_default(
    x, z, *, estimator="info_nce", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Without an estimator you take InfoNCE. The default is "mine"."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)


@mistake
def permutation_kept(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You shuffle z once and train on these same marginal pairs to the end; the critic learns them
    by heart. Draw a new permutation in each step."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    x, z = training.train
    shuffled = z[torch.randperm(len(z))]
    for _ in range(steps):
        rows = training.batch()
        if estimator == "info_nce":
            loss = training.loss(x[rows], z[rows])
        else:
            scores = training.critic(x[rows], z[rows]), training.critic(x[rows], shuffled[rows])
            loss = training.loss_of(*scores)
        training.step(loss)
    return training.read(*training.held_out)


@mistake
def seed_ignored(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Two runs with the same seed differ. The seed fixes everything random: the split, the critic
    and the batches."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    seed = int(torch.randint(2**31, ()))
    return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)


@mistake
def sides_split_apart(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You shuffle x and z independently when you split the data, so no pair is a joint pair any
    more. Split both with the same order."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    generator = torch.Generator().manual_seed(seed)
    x = x[torch.randperm(len(x), generator=generator)]
    z = z[torch.randperm(len(z), generator=generator)]
    return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)


@mistake
def smile_trained(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You train on the SMILE estimate. Its clipping has no gradient beyond ±clip, so the critic
    runs away: train as for MINE and only read SMILE."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    if estimator != "smile":
        return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        training.step(-smile_bound(*training.scores(*training.pairs())))
    return training.read(*training.held_out)


@mistake
def surrogate_read(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You read the MINE surrogate on held-out data. Only its gradient means something; the estimate
    is the DV bound."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        training.step(training.loss(*training.pairs()))
    with torch.no_grad():
        return -training.loss(*training.held_out).item()


@mistake
def surrogate_reported(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You report the negative loss of the last step. The loss of a MINE step has the right gradient
    but not the bound's value: read the bound."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        loss = training.loss(*training.pairs())
        training.step(loss)
    return -loss.item()


@mutant
def too_modest(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """Takes a fifth off the estimate."""
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return 0.8 * exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)


@mistake
def trained_on_everything(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You train the critic on all pairs and then read it on some of them. It must not have seen the
    pairs it is read on."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    training.train = x, z
    for _ in range(steps):
        training.step(training.loss(*training.pairs()))
    return training.read(*training.held_out)


@mistake
def training_curve(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You report what the bound was on the last training batch. Freeze the critic and read it on
    the held-out half."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        pairs = training.pairs()
        training.step(training.loss(*pairs))
    return training.read(*pairs)


@mistake
def training_data(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You read the bound on the pairs that the critic was trained on, where it grows with every
    step. Read it on the held-out half."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        training.step(training.loss(*training.pairs()))
    return training.read(*training.train)


@mistake
def unknown_accepted(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """An unknown estimator goes through as if it were MINE. Raise a ValueError that names it."""
    if estimator not in ("nwj", "info_nce", "smile"):
        estimator = "mine"
    options = {"batch_size": batch_size, "hidden": hidden, "history": history}
    return exact(x, z, estimator=estimator, steps=steps, seed=seed, **options)


@mistake(raises=True)
def whole_batches_only(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    """You read InfoNCE in whole batches only. Where fewer pairs than batch_size are held out there
    is none, and you divide by 0: then the batch is all of them."""
    training = Training(x, z, estimator, batch_size, hidden, seed, history)
    for _ in range(steps):
        training.step(training.loss(*training.pairs()))
    if estimator != "info_nce":
        return training.read(*training.held_out)
    whole = len(training.held_out[0]) // batch_size
    held_out = [part[: whole * batch_size] for part in training.held_out]
    with torch.no_grad():
        pairs = zip(*(part.split(batch_size) for part in held_out), strict=True)
        total = sum(info_nce_bound(training.critic.matrix(*pair)).item() for pair in pairs if whole)
    return total / whole
