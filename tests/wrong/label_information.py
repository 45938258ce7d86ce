"""Wrong versions of label_information (task 3.9). A docstring is what the student is told."""

import math

import torch
import torch.nn.functional as F

from rdlab.probe import label_information as exact
from tests.wrong import mistake, mutant

TASK = "3.9"


@mistake
def absent_class(logits, labels):
    """A class that does not occur gives 0·ln 0 = nan in your entropy. It contributes nothing."""
    share = labels.bincount(minlength=logits.shape[1]).double() / len(labels)
    return (-(share * share.log()).sum() - F.cross_entropy(logits.double(), labels)).item()


@mistake
def bits(logits, labels):
    """Your bound on I(z; y) is in bits. Report it in nats."""
    return exact(logits, labels) / math.log(2)


@mistake
def clamped(logits, labels):
    """You cut negative values off. For a bad classifier the bound is negative, and that is worth
    seeing."""
    return max(exact(logits, labels), 0.0)


@mistake
def class_average(logits, labels):
    """You average the cross-entropy class by class: every latent counts the same."""
    f = labels.bincount().double() / len(labels)
    ce = F.cross_entropy(logits.double(), labels, reduction="none")
    return (
        torch.special.entr(f).sum()
        - torch.stack([ce[labels == c].mean() for c in labels.unique()]).mean()
    ).item()


@mistake
def double_softmax(logits, labels):
    """You apply a softmax before a cross-entropy that has one itself. It takes the logits as they
    are."""
    return exact(logits.softmax(1), labels)


@mistake
def entropy_only(logits, labels):
    """You use the entropy of the predictions, not the cross-entropy with the labels: a classifier
    that is surely wrong would look perfect."""
    share = labels.bincount().double() / len(labels)
    predicted = torch.special.entr(logits.double().softmax(1)).sum(1).mean()
    return (torch.special.entr(share).sum() - predicted).item()


@mistake
def logits_overwritten(logits, labels):
    """You subtract each row's largest logit in place and so overwrite the logits of your caller."""
    f = labels.bincount().double() / len(labels)
    logits -= logits.max(1, keepdim=True).values
    return (torch.special.entr(f).sum() - F.cross_entropy(logits.double(), labels)).item()


@mistake
def predicted_labels(logits, labels):
    """You take H(y) from the predicted classes. Use the true labels."""
    share = logits.argmax(1).bincount().double() / len(labels)
    return (torch.special.entr(share).sum() - F.cross_entropy(logits.double(), labels)).item()


@mistake
def sign(logits, labels):
    """Your bound has the wrong sign: the cross-entropy is what is subtracted."""
    return -exact(logits, labels)


@mistake
def summed(logits, labels):
    """Your cross-entropy is summed over the samples. It is their mean."""
    share = labels.bincount().double() / len(labels)
    loss = F.cross_entropy(logits.double(), labels, reduction="sum")
    return (torch.special.entr(share).sum() - loss).item()


@mistake
def ten_classes(logits, labels):
    """You count ten classes. Count as many as there are."""
    c = torch.tensor([(labels == k).sum().item() for k in range(10)]).double()
    p = c[c > 0] / c.sum()
    return (-(p * p.log()).sum() - F.cross_entropy(logits.double(), labels)).item()


@mistake
def underflow(logits, labels):
    """You take the logarithm of a softmax: for confident logits it is ln 0 = −inf. Use a log-
    softmax."""
    share = labels.bincount().double() / len(labels)
    own = logits.softmax(1)[torch.arange(len(labels)), labels]
    return (torch.special.entr(share).sum() + own.log().mean()).item()


@mistake
def uniform_entropy(logits, labels):
    """You take H(y) = ln C, true only for equally frequent classes. Use the frequencies of the
    labels."""
    return math.log(logits.shape[1]) - F.cross_entropy(logits.double(), labels).item()


@mutant
def first_latents(logits, labels):
    # Reads 200 latents: shows that a check has more.
    logits, labels = logits[:200], labels[:200]
    f = labels.bincount().double() / len(labels)
    return (torch.special.entr(f).sum() - F.cross_entropy(logits.double(), labels)).item()


@mutant
def many_labels_cut(logits, labels):
    # Reads 5,000 labels: shows that a check has more.
    return exact(logits[:5000], labels[:5000])
