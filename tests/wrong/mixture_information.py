"""Wrong versions of mixture_information (task 6.10)."""

import math

import torch
from torch.distributions import Normal

from tests.wrong import mistake, mutant

TASK = "6.10"


def _logs(z, mean, log_var):
    """ln q(zᵢ|xⱼ), shape (N, N)."""
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    rows = [Normal(mean, (log_var / 2).exp()).log_prob(own).sum(1) for own in z]
    return torch.stack(rows)


def _gaps(logs, labels):
    """ln p(z|label) − ln p(z) of every image from the log-densities, shape (N,)."""
    same = labels.unsqueeze(1) == labels
    own = logs.masked_fill(~same, -math.inf).logsumexp(1) - same.sum(1).double().log()
    return own - logs.logsumexp(1) + math.log(len(labels))


def _estimate(logs, labels):
    """Mean of ln p(z|label) − ln p(z) from the log-densities."""
    return _gaps(logs, labels).mean().item()


def _by_class(logs, labels):
    """ln p(z|l) of every label that occurs, (N, L), and the labels."""
    present = labels.unique()
    parts = [
        logs[:, labels == k].logsumexp(1) - math.log(int((labels == k).sum())) for k in present
    ]
    return torch.stack(parts, 1), present


@mistake
def bits(z, mean, log_var, labels):
    """The information is returned in bits; leave it in nats."""
    return _estimate(_logs(z, mean, log_var), labels) / math.log(2)


@mistake
def image_not_label(z, mean, log_var, labels):
    """This estimates I(z; image): the mixture of a label holds all of its images."""
    logs = _logs(z, mean, log_var)
    return (logs.diagonal() - logs.logsumexp(1)).mean().item() + math.log(len(labels))


@mistake
def own_left_out(z, mean, log_var, labels):
    """The own image is left out of the mixtures; the docstring keeps it in."""
    logs = _logs(z, mean, log_var)
    logs.fill_diagonal_(-math.inf)
    same = labels.unsqueeze(1) == labels
    others = (same.sum(1) - 1).clamp(min=1).double().log()
    own = logs.masked_fill(~same, -math.inf).logsumexp(1) - others
    return (own - logs.logsumexp(1)).clamp(min=-50).mean().item() + math.log(len(labels) - 1)


@mistake
def class_sizes_ignored(z, mean, log_var, labels):
    """Sums over images are compared: a mixture is a mean, so divide by the number of images."""
    logs = _logs(z, mean, log_var)
    same = labels.unsqueeze(1) == labels
    own = logs.masked_fill(~same, -math.inf).logsumexp(1)
    return (own - logs.logsumexp(1)).mean().item()


@mistake
def one_gaussian_per_class(z, mean, log_var, labels):
    """Each label is one Gaussian here, with the moments of its codes: use the whole mixture."""
    z, mean, variance = z.double(), mean.double(), log_var.double().exp()

    def log_density(points, rows):
        spread = variance[rows].mean(0) + mean[rows].var(0, correction=0)
        return Normal(mean[rows].mean(0), spread.sqrt()).log_prob(points).sum(-1)

    everything = torch.ones(len(labels), dtype=torch.bool)
    gaps = [log_density(z[i], labels == labels[i]) - log_density(z[i], everything)
            for i in range(len(labels))]  # fmt: skip
    return torch.stack(gaps).mean().item()


@mistake
def log_var_as_log_sigma(z, mean, log_var, labels):
    """The posteriors are too wide or too narrow: log_var is ln σ², and you read it as ln σ."""
    return _estimate(_logs(z, mean, 2 * log_var), labels)


@mistake
def sums_swapped(z, mean, log_var, labels):
    """The sum runs over the samples; it must run over the components for each sample."""
    return _estimate(_logs(z, mean, log_var).T, labels)


@mistake
def entropy_only(z, mean, log_var, labels):
    """You return the entropy of the labels, the most that the information could be."""
    return torch.special.entr(labels.bincount().double() / len(labels)).sum().item()


@mistake
def mean_used(z, mean, log_var, labels):
    """The densities are taken at the posterior means: take them at the samples z."""
    return _estimate(_logs(mean, mean, log_var), labels)


@mistake
def prior_marginal(z, mean, log_var, labels):
    """The density of z is the mixture of all posteriors, not the prior N(0, I)."""
    logs = _logs(z, mean, log_var)
    same = labels.unsqueeze(1) == labels
    own = logs.masked_fill(~same, -math.inf).logsumexp(1) - same.sum(1).double().log()
    return (own - Normal(0.0, 1.0).log_prob(z.double()).sum(1)).mean().item()


@mistake
def uniform_labels(z, mean, log_var, labels):
    """The marginal weighs all labels alike; it must weigh all images alike."""
    logs, present = _by_class(_logs(z, mean, log_var), labels)
    own = logs.gather(1, torch.searchsorted(present, labels).unsqueeze(1)).squeeze(1)
    return (own - logs.logsumexp(1) + math.log(len(present))).mean().item()


@mistake
def labels_averaged(z, mean, log_var, labels):
    """The log-ratios are averaged label by label; each image should count the same."""
    gaps = _gaps(_logs(z, mean, log_var), labels)
    return torch.stack([gaps[labels == k].mean() for k in labels.unique()]).mean().item()


@mistake
def no_normaliser(z, mean, log_var, labels):
    """The densities lack their normaliser, which differs from image to image."""
    logs = _logs(z, mean, log_var) + log_var.double().sum(1) / 2
    return _estimate(logs, labels)


@mistake
def variance_ignored(z, mean, log_var, labels):
    """All posteriors have the width 1 here: log_var is not used."""
    return _estimate(_logs(z, mean, torch.zeros_like(log_var)), labels)


@mutant
def underflow(z, mean, log_var, labels):
    densities = _logs(z, mean, log_var).exp()
    same = (labels.unsqueeze(1) == labels).double()
    own = (densities * same).sum(1) / same.sum(1)
    return (own / densities.mean(1)).log().mean().item()


@mutant
def epsilon(z, mean, log_var, labels):
    densities = _logs(z, mean, log_var).exp()
    same = (labels.unsqueeze(1) == labels).double()
    own = (densities * same).sum(1) / same.sum(1)
    return ((own + 1e-12) / (densities.mean(1) + 1e-12)).log().mean().item()


@mutant
def first_hundred(z, mean, log_var, labels):
    return _estimate(_logs(z[:100], mean[:100], log_var[:100]), labels[:100])


@mutant
def clamped_at_zero_and_one(z, mean, log_var, labels):
    return min(max(_estimate(_logs(z, mean, log_var), labels), 0.0), 1.0)


@mutant
def ten_labels(z, mean, log_var, labels):
    logs, present = _by_class(_logs(z, mean, log_var), labels)
    own = logs.gather(1, torch.searchsorted(present, labels).unsqueeze(1)).squeeze(1)
    shares = labels.bincount(minlength=10)[present].double() / len(labels)
    marginal = (logs + shares.log()).logsumexp(1)
    return (own - marginal).mean().item() if len(present) == 10 else own.mean().item()


@mistake
def part_means_averaged(z, mean, log_var, labels):
    """You average the means of the parts, so images of a shorter last part count more. Every image
    counts the same."""
    gaps = _gaps(_logs(z, mean, log_var), labels)
    return torch.stack([part.mean() for part in gaps.split(64)]).mean().item()


@mutant
def means_of_large_parts(z, mean, log_var, labels):
    # The same in parts of 1,000.
    gaps = _gaps(_logs(z, mean, log_var), labels)
    return torch.stack([part.mean() for part in gaps.split(1000)]).mean().item()
