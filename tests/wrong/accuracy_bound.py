"""Wrong versions of accuracy_bound (task 6.11)."""

import math

from tests.wrong import mistake, mutant

TASK = "6.11"


def _entropy(shares):
    return -math.fsum(p * math.log(p) for p in shares if p > 0)


def _coin(a):
    return _entropy((a, 1 - a))


def _root(function, information, low, high=1.0):
    """Where the rising function takes this value, by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < information else (low, middle)
    return high


def _bound(information, shares, entropy=None, coin=_coin, classes=None, steps=60):
    shares = [float(p) for p in shares]
    entropy = _entropy(shares) if entropy is None else entropy
    classes = classes or len(shares)
    if information >= entropy:
        return 1.0

    def needed(a):
        return entropy - coin(a) - (1 - a) * math.log(classes - 1)

    return _root(needed, max(information, 0.0), 1 / classes)


@mistake
def ln_m(information, label_probabilities):
    """The error is spread over the M − 1 other labels, and you used ln M."""
    shares = label_probabilities.tolist()
    entropy = _entropy(shares)
    if information >= entropy:
        return 1.0

    def needed(a):
        return entropy - _coin(a) - (1 - a) * math.log(len(shares))

    return _root(needed, max(information, 0.0), 1 / len(shares))


@mistake
def uniform_entropy(information, label_probabilities):
    """H(L) is the entropy of the given labels, which need not be ln M."""
    shares = label_probabilities.tolist()
    return _bound(information, shares, entropy=math.log(len(shares)))


@mistake
def bits_in(information, label_probabilities):
    """The information comes in nats; you converted it as if it came in bits."""
    return _bound(information * math.log(2), label_probabilities.tolist())


@mistake
def bits_out(information, label_probabilities):
    """You divided the information by ln 2: it must stay in nats, as the entropies are."""
    return _bound(information / math.log(2), label_probabilities.tolist())


@mistake
def no_binary_entropy(information, label_probabilities):
    """The term H_b(a), whether the classifier is right at all, is missing."""
    shares = label_probabilities.tolist()
    entropy = _entropy(shares)
    if len(shares) == 2:
        return 1.0 if information >= entropy else 0.5
    share = 1 - (entropy - max(information, 0.0)) / math.log(len(shares) - 1)
    return min(1.0, max(share, 1 / len(shares)))


@mistake
def perplexity(information, label_probabilities):
    """This is e^(I − H), a plausible guess; the bound is the root of Fano's equation."""
    entropy = _entropy(label_probabilities.tolist())
    return min(1.0, math.exp(max(information, 0.0) - entropy))


@mistake
def linear(information, label_probabilities):
    """A straight line from 1/M to 1 is not Fano's inequality."""
    shares = label_probabilities.tolist()
    share = min(1.0, max(information, 0.0) / _entropy(shares))
    return 1 / len(shares) + (1 - 1 / len(shares)) * share


@mistake
def error_not_accuracy(information, label_probabilities):
    """You return the error rate; the accuracy is 1 minus that."""
    return 1 - _bound(information, label_probabilities.tolist())


@mistake
def other_branch(information, label_probabilities):
    """The equation has a second root below 1/M, and you found that one."""
    shares = label_probabilities.tolist()
    entropy = _entropy(shares)
    if information >= entropy:
        return 1.0

    def missing(a):
        return -(entropy - _coin(a) - (1 - a) * math.log(len(shares) - 1))

    return _root(missing, -max(information, 0.0), 0.0, 1 / len(shares))


@mistake
def ten_labels(information, label_probabilities):
    """M is the number of labels given; you assume ten."""
    return _bound(information, label_probabilities.tolist(), classes=10)


@mistake
def without_second_term(information, label_probabilities):
    """(1 − a) ln(M − 1), which label it is when the classifier is wrong, is left out."""
    shares = label_probabilities.tolist()
    entropy = _entropy(shares)
    if information >= entropy:
        return 1.0
    return _root(lambda a: entropy - _coin(a), max(information, 0.0), 0.5)


@mistake
def weak_fano(information, label_probabilities):
    """This is Fano's inequality in its weak form, with ln 2 for H_b(a): it is too generous."""
    shares = label_probabilities.tolist()
    gap = _entropy(shares) - max(information, 0.0) - math.log(2)
    if len(shares) == 2:
        return 1.0
    return min(1.0, 1 - gap / math.log(len(shares) - 1))


@mistake
def missing_information(information, label_probabilities):
    """You solve for what is still missing, H(L) − I, in the place of I."""
    shares = label_probabilities.tolist()
    return _bound(_entropy(shares) - information, shares)


@mutant
def coarse(information, label_probabilities):
    return round(_bound(information, label_probabilities.tolist()), 3)


@mutant
def chance_above_the_entropy(information, label_probabilities):
    shares = label_probabilities.tolist()
    found = _bound(information, shares)
    return 1 / len(shares) if information > _entropy(shares) else found


@mutant
def negative_information_kept(information, label_probabilities):
    shares = label_probabilities.tolist()
    return math.nan if information < 0 else _bound(information, shares)


@mutant
def present_labels_only(information, label_probabilities):
    return _bound(information, [p for p in label_probabilities.tolist() if p > 0])


@mutant
def few_steps(information, label_probabilities):
    found = _bound(information, label_probabilities.tolist())
    return math.ceil(found * 2**12) / 2**12
