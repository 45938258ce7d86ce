"""Wrong versions of hierarchical_loss (task 6.3)."""

from tests.wrong import mistake, mutant

TASK = "6.3"


def _loss(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    return (weight * (beta_1 * kl_1 + beta_2 * kl_2) - log_likelihood).mean()


@mistake
def prices_swapped(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The prices are swapped: β₁ is that of the bottom layer, β₂ that of the top layer."""
    return _loss(log_likelihood, kl_1, kl_2, beta_2, beta_1, weight)


@mistake
def likelihood_sign(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """A likelier image must lower the loss: the log-likelihood has the wrong sign."""
    return _loss(-log_likelihood, kl_1, kl_2, beta_1, beta_2, weight)


@mistake
def kl_subtracted(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """Both KL terms are costs, and you subtract them."""
    return _loss(log_likelihood, -kl_1, -kl_2, beta_1, beta_2, weight)


@mistake
def one_price(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """Both layers are charged β₁: the top layer has a price of its own."""
    return _loss(log_likelihood, kl_1, kl_2, beta_1, beta_1, weight)


@mistake
def prices_multiplied(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The top layer is charged β₁·β₂; it costs β₂ alone."""
    return _loss(log_likelihood, kl_1, kl_2, beta_1, beta_1 * beta_2, weight)


@mistake
def warm_up_ignored(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The weight of the warm-up has no effect."""
    return _loss(log_likelihood, kl_1, kl_2, beta_1, beta_2)


@mistake
def warm_up_on_everything(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The warm-up weighs the KL terms only, not the likelihood."""
    return weight * _loss(log_likelihood, kl_1, kl_2, beta_1, beta_2)


@mistake
def warm_up_on_top_only(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The warm-up weighs the KL terms of both layers, and you weigh the top one alone."""
    return _loss(log_likelihood, kl_1, weight * kl_2, beta_1, beta_2)


@mistake
def batch_summed(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The loss is summed over the batch; take the mean, or it depends on the batch size."""
    return _loss(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight) * len(kl_1)


@mistake
def not_averaged(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """One number is wanted, the mean over the images of the batch."""
    return weight * (beta_1 * kl_1 + beta_2 * kl_2) - log_likelihood


@mistake
def total_rate_at_one_price(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The KLs are added first and share the mean of the two prices."""
    price = (beta_1 + beta_2) / 2
    return _loss(log_likelihood, kl_1, kl_2, price, price, weight)


@mistake
def prices_normalised(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    """The prices are divided by their sum, so only their ratio counts."""
    total = beta_1 + beta_2
    return _loss(log_likelihood, kl_1, kl_2, beta_1 / total, beta_2 / total, weight)


@mutant
def weight_of_zero_is_none(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    return _loss(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight or 1.0)


@mutant
def price_of_zero_is_one(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    return _loss(log_likelihood, kl_1, kl_2, beta_1 or 1.0, beta_2 or 1.0, weight)


@mutant
def kl_detached(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    return _loss(log_likelihood, kl_1, kl_2.detach(), beta_1, beta_2, weight)


@mutant
def free_nats(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    return _loss(log_likelihood, kl_1.clamp(min=0.5), kl_2.clamp(min=0.5), beta_1, beta_2, weight)
