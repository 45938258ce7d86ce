"""Wrong versions of inception_score (task 6.13)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "6.13"


def _entropies(probabilities):
    """H of the mean, and the entropy of each image."""
    p = probabilities.double()
    return torch.special.entr(p.mean(0)).sum(), torch.special.entr(p).sum(1)


def _score(diversity, sharpness):
    return float(diversity * sharpness), float(diversity), float(sharpness)


@mistake
def not_exponentiated(probabilities):
    """These are entropies in nats; all three are their exponentials."""
    total, each = _entropies(probabilities)
    return float(total - each.mean()), float(total), float(-each.mean())


@mistake
def kl_reversed(probabilities):
    """The KL is taken from the marginal to each image's probabilities, the wrong way round."""
    p = probabilities.double()
    marginal = p.mean(0)
    kl = torch.special.xlogy(marginal, marginal / p.clamp(min=1e-30)).sum(1).mean()
    total, each = _entropies(probabilities)
    return float(kl.exp()), float(total.exp()), float((-each.mean()).exp())


@mistake
def mean_of_exponentials(probabilities):
    """Average the images' KLs before you exponentiate, not after."""
    p = probabilities.double()
    total, each = _entropies(probabilities)
    kl = (torch.special.xlogy(p, p) - torch.special.xlogy(p, p.mean(0))).sum(1)
    return float(kl.exp().mean()), float(total.exp()), float((-each.mean()).exp())


@mistake
def sharpness_inverse(probabilities):
    """Sharpness must rise as the answers become surer: yours is its inverse."""
    total, each = _entropies(probabilities)
    return float((total - each.mean()).exp()), float(total.exp()), float(each.mean().exp())


@mistake
def uniform_marginal(probabilities):
    """The marginal is taken to be uniform; it is the mean of the probabilities."""
    _, each = _entropies(probabilities)
    classes = probabilities.shape[1]
    return _score(torch.tensor(float(classes)), (-each.mean()).exp())


@mistake
def hard_labels(probabilities):
    """Only the likeliest class of each image is counted: use all probabilities."""
    classes = probabilities.shape[1]
    hard = torch.nn.functional.one_hot(probabilities.argmax(1), classes).double()
    total, _ = _entropies(hard)
    _, each = _entropies(probabilities)
    return _score(total.exp(), (-each.mean()).exp())


@mistake
def entropy_of_mean_twice(probabilities):
    """Sharpness is made from the entropies of single images, not again from that of the mean."""
    total, each = _entropies(probabilities)
    return float((total - each.mean()).exp()), float(total.exp()), float((-total).exp())


@mistake
def sum_of_entropies(probabilities):
    """You added the two entropies: the uncertainty about each image must be subtracted."""
    total, each = _entropies(probabilities)
    return float((total + each.mean()).exp()), float(total.exp()), float((-each.mean()).exp())


@mistake
def over_images(probabilities):
    """The probabilities are averaged over classes; the marginal is the mean over images."""
    p = probabilities.double()
    total = torch.special.entr(p.mean(1)).sum()
    return _score(total.exp(), (-torch.special.entr(p).sum(1).mean()).exp())


@mistake
def sharpness_per_image(probabilities):
    """Sharpness is made from the mean entropy; you averaged the images' own sharpness."""
    total, each = _entropies(probabilities)
    return _score(total.exp(), (-each).exp().mean())


@mistake
def bits(probabilities):
    """The entropies are in bits but e is raised to them: nats and e belong together."""
    total, each = _entropies(probabilities)
    return _score((total / math.log(2)).exp(), (-each.mean() / math.log(2)).exp())


@mistake
def order(probabilities):
    """Diversity comes second and sharpness third: yours are exchanged."""
    total, each = _entropies(probabilities)
    diversity, sharpness = float(total.exp()), float((-each.mean()).exp())
    return diversity * sharpness, sharpness, diversity


@mistake
def score_only(probabilities):
    """Return the two factors beside the score."""
    total, each = _entropies(probabilities)
    return float((total - each.mean()).exp())


@mutant
def zero_times_log(probabilities):
    p = probabilities.double()
    total = -(p.mean(0) * p.mean(0).log()).sum()
    each = -(p * p.log()).sum(1).mean()
    return _score(total.exp(), (-each).exp())


@mutant
def epsilon(probabilities):
    p = probabilities.double()
    total = -(p.mean(0) * (p.mean(0) + 1e-3).log()).sum()
    each = -(p * (p + 1e-3).log()).sum(1).mean()
    return _score(total.exp(), (-each).exp())


@mutant
def ten_splits(probabilities):
    parts = [_entropies(part) for part in probabilities.chunk(10)]
    factors = [(total.exp(), (-each.mean()).exp()) for total, each in parts]
    scores = [float(a * b) for a, b in factors]
    diversity, sharpness = (sum(map(float, column)) / len(parts) for column in zip(*factors))  # noqa: B905
    return sum(scores) / len(parts), diversity, sharpness


@mutant
def first_images(probabilities):
    total, each = _entropies(probabilities[:1000])
    return _score(total.exp(), (-each.mean()).exp())
