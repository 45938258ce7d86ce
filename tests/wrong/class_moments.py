"""Wrong versions of class_moments (task 5.1). A docstring is what the student is told."""

import torch

from tests.wrong import mistake, mutant

TASK = "5.1"


def spread(mean):
    """Covariance of the means, divisor N."""
    centred = mean - mean.mean(0)
    return centred.T @ centred / len(mean)


def per_class(mean, log_var, labels, classes, covariance):
    """The right means, with a covariance of each class computed by `covariance`."""
    d = mean.shape[1]
    means = mean.new_full((classes, d), torch.nan)
    covariances = mean.new_full((classes, d, d), torch.nan)
    for label in range(classes):
        members = labels == label
        if members.any():
            means[label] = mean[members].mean(0)
            covariances[label] = covariance(mean[members], log_var[members])
    return means, covariances


@mistake
def means_only(mean, log_var, labels, classes):
    """Your covariance is that of the posterior means alone: each image also brings the variance of
    its own posterior."""
    return per_class(mean, log_var, labels, classes, lambda m, v: spread(m))


@mistake
def posteriors_only(mean, log_var, labels, classes):
    """Your covariance holds the posteriors' own variances alone: their means differ, too."""
    return per_class(mean, log_var, labels, classes, lambda m, v: torch.diag(v.exp().mean(0)))


@mistake
def square_not_outer(mean, log_var, labels, classes):
    """Your covariance is diagonal: the square of a mean is an outer product here, so that
    dimensions can be correlated."""
    return per_class(
        mean,
        log_var,
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0) + m.var(0, correction=0)),
    )


@mistake
def mean_not_subtracted(mean, log_var, labels, classes):
    """You return the second moment about 0: the class mean has to be taken off."""
    return per_class(
        mean,
        log_var,
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0)) + m.T @ m / len(m),
    )


@mistake
def sample_divisor(mean, log_var, labels, classes):
    """You divide the spread of the means by N − 1: the mixture is known, not estimated."""
    return per_class(
        mean,
        log_var,
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0)) + spread(m) * len(m) / max(1, len(m) - 1),
    )


@mistake
def log_of_mean(mean, log_var, labels, classes):
    """You average log-variances and exponentiate then: average the variances themselves."""
    return per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag(v.mean(0).exp()) + spread(m)
    )


@mistake
def log_var_as_log_sigma(mean, log_var, labels, classes):
    """You take log_var for the logarithm of a standard deviation: its exponential is squared."""
    return per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag((2 * v).exp().mean(0)) + spread(m)
    )


@mistake
def sigma_not_squared(mean, log_var, labels, classes):
    """You add standard deviations where variances belong."""
    return per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag((v / 2).exp().mean(0)) + spread(m)
    )


@mistake
def variances_summed(mean, log_var, labels, classes):
    """You divide the posterior variances by N twice, as for the mean of N random variables: p(z|C)
    is a mixture, of which one code is drawn."""
    return per_class(
        mean,
        log_var,
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0) / len(v)) + spread(m),
    )


@mistake
def all_classes(mean, log_var, labels, classes):
    """Every class gets the covariance of the whole data set."""
    means, _ = per_class(mean, log_var, labels, classes, lambda m, v: spread(m))
    whole = torch.diag(log_var.exp().mean(0)) + spread(mean)
    return means, whole.expand(classes, -1, -1).clone()


@mistake
def broadcast_everywhere(mean, log_var, labels, classes):
    """You add the posterior variances to every entry of a column: they belong on the diagonal."""
    return per_class(mean, log_var, labels, classes, lambda m, v: v.exp().mean(0) + spread(m))


@mistake
def square_broadcast(mean, log_var, labels, classes):
    """You take the elementwise square of the class mean off every row: E[z]² stands for the outer
    product of the mean with itself."""
    return per_class(
        mean,
        log_var,
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0)) + m.T @ m / len(m) - m.mean(0).square(),
    )


@mistake
def total_divisor(mean, log_var, labels, classes):
    """You divide by the number of all images: divide by that of the class."""
    means, covariances = per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag(v.exp().mean(0)) + spread(m)
    )
    shares = torch.bincount(labels, minlength=classes) / len(labels)
    return means * shares[:, None], covariances * shares[:, None, None]


@mistake
def zero_for_nothing(mean, log_var, labels, classes):
    """A class without images has no moments: its rows are NaN, not 0."""
    means, covariances = per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag(v.exp().mean(0)) + spread(m)
    )
    return means.nan_to_num(0.0), covariances.nan_to_num(0.0)


@mistake
def present_classes_only(mean, log_var, labels, classes):
    """You leave classes without images out, so that the rows no longer stand for the classes."""
    means, covariances = per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag(v.exp().mean(0)) + spread(m)
    )
    present = torch.bincount(labels, minlength=classes) > 0
    return means[present], covariances[present]


@mutant
def computed_in_single_precision(mean, log_var, labels, classes):
    # far from the origin a double has too many digits for a float
    single = mean.float()
    means, covariances = per_class(
        single,
        log_var.float(),
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0)) + m.T @ m / len(m) - torch.outer(*[m.mean(0)] * 2),
    )
    return means.to(mean.dtype), covariances.to(mean.dtype)


@mutant
def always_double(mean, log_var, labels, classes):
    # right values, but the dtype of the arguments is not kept
    return per_class(
        mean.double(),
        log_var.double(),
        labels,
        classes,
        lambda m, v: torch.diag(v.exp().mean(0)) + spread(m),
    )


@mutant
def centred_in_place(mean, log_var, labels, classes):
    # the caller's means are moved to 0
    returned = per_class(
        mean, log_var, labels, classes, lambda m, v: torch.diag(v.exp().mean(0)) + spread(m)
    )
    mean -= mean.mean(0)
    return returned


@mutant
def ten_images_at_most(mean, log_var, labels, classes):
    # only the first ten images of a class count
    return per_class(
        mean,
        log_var,
        labels,
        classes,
        lambda m, v: torch.diag(v[:10].exp().mean(0)) + spread(m[:10]),
    )
