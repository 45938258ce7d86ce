"""Wrong versions of gumbel_softmax (task 6.6)."""

import torch
from torch.nn import functional as F

from tests.wrong import mistake, mutant

TASK = "6.6"


@mistake
def no_temperature(logits, temperature, noise):
    """The temperature has no effect."""
    return (logits + noise).softmax(-1)


@mistake
def times_temperature(logits, temperature, noise):
    """You multiplied by the temperature: cold samples must be the sharp ones."""
    return ((logits + noise) * temperature).softmax(-1)


@mistake
def noise_not_scaled(logits, temperature, noise):
    """Only the logits are divided by the temperature; the noise must be, too."""
    return (logits / temperature + noise).softmax(-1)


@mistake
def logits_not_scaled(logits, temperature, noise):
    """Only the noise is divided by the temperature; the logits must be, too."""
    return (logits + noise / temperature).softmax(-1)


@mistake
def no_noise(logits, temperature, noise):
    """Without the noise this is no sample: every image gets the same probabilities."""
    return (logits / temperature).softmax(-1)


@mistake
def noise_subtracted(logits, temperature, noise):
    """Gumbel noise is skewed: it must be added, not subtracted."""
    return ((logits - noise) / temperature).softmax(-1)


@mistake
def probabilities_used(logits, temperature, noise):
    """The noise is added to probabilities; it belongs to their logarithms, the logits."""
    return ((logits.softmax(-1) + noise) / temperature).softmax(-1)


@mistake
def over_batch(logits, temperature, noise):
    """The softmax runs over the first axis; the values are on the last one."""
    return ((logits + noise) / temperature).softmax(0)


@mistake
def hard(logits, temperature, noise):
    """You return hard one-hot samples; the relaxed sample is wanted."""
    largest = (logits + noise).argmax(-1)
    return F.one_hot(largest, logits.shape[-1]).to(logits.dtype)


@mistake
def logs_returned(logits, temperature, noise):
    """These are logarithms; the sample itself is wanted, with a sum of 1."""
    return ((logits + noise) / temperature).log_softmax(-1)


@mistake
def normal_sigmoid(logits, temperature, noise):
    """Each value has a sigmoid of its own, so the sample does not sum to 1."""
    return torch.sigmoid((logits + noise) / temperature)


@mistake
def gumbel_of_noise(logits, temperature, noise):
    """The noise is Gumbel already: it is transformed a second time."""
    return ((logits - torch.log(-torch.log(torch.sigmoid(noise)))) / temperature).softmax(-1)


@mutant
def overflow(logits, temperature, noise):
    weights = ((logits + noise) / temperature).exp()
    return weights / weights.sum(-1, keepdim=True)


@mutant
def epsilon(logits, temperature, noise):
    return (((logits.softmax(-1) + 1e-3).log() + noise) / temperature).softmax(-1)


@mutant
def logits_detached(logits, temperature, noise):
    shift = logits.detach().amax(-1, keepdim=True)
    weights = ((logits.detach() + noise - shift) / temperature).exp()
    return weights / weights.sum(-1, keepdim=True) + 0 * logits
