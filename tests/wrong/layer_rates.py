"""Wrong versions of layer_rates (task 6.5)."""

import torch

from tests.wrong import mistake, mutant

TASK = "6.5"


def _kl(mean_q, log_var_q, mean_p, log_var_p):
    gap = log_var_q - log_var_p
    return 0.5 * (gap.exp() - 1 - gap + (mean_q - mean_p).square() * (-log_var_p).exp())


def _sample(mean, log_var):
    return mean + (log_var / 2).exp() * torch.randn_like(mean)


def _parts(model, x, draw_top=_sample, draw_bottom=_sample):
    """KL₂, KL₁ and squared errors of a batch, (B, d₂), (B, d₁) and (B, n)."""
    top = model.encode_top(x)
    z_2 = draw_top(*top)
    bottom = model.encode_bottom(x, z_2)
    z_1 = draw_bottom(*bottom)
    zeros = torch.zeros_like(top[0])
    error = (x - model.decode(z_1)).square().flatten(1)
    return _kl(*top, zeros, zeros), _kl(*bottom, *model.prior_bottom(z_2)), error


def _measure(model, batches, parts=_parts):
    """(R₂, R₁, D) with another way to measure a batch."""
    model.eval()
    images, totals = 0, torch.zeros(3, dtype=torch.float64)
    with torch.no_grad():
        for x in batches:
            totals += torch.stack([part.double().sum() for part in parts(model, x)])
            images += len(x)
    if not images:
        raise ValueError("no images")
    return tuple((totals / images).tolist())


@mistake
def mean_of_batches(model, batches):
    """You averaged the batch means: a short last batch then counts too much."""
    means = [_measure(model, [x]) for x in batches if len(x)]
    if not means:
        raise ValueError("no images")
    return tuple(sum(column) / len(means) for column in zip(*means, strict=True))


@mistake
def top_mean_used(model, batches):
    """z₂ is not sampled: at its mean the bottom layer looks cheaper than it is."""
    return _measure(model, batches, lambda m, x: _parts(m, x, lambda mean, log_var: mean))


@mistake
def bottom_mean_decoded(model, batches):
    """The decoder is given the mean of z₁; D is that of a sample."""
    return _measure(
        model, batches, lambda m, x: _parts(m, x, draw_bottom=lambda mean, log_var: mean)
    )


@mistake
def bottom_to_standard(model, batches):
    """R₁ is the KL to p(z₁|z₂), and you took it to N(0, I)."""

    def parts(model, x):
        kl_2, _, error = _parts(model, x)
        bottom = model.encode_bottom(x, _sample(*model.encode_top(x)))
        zeros = torch.zeros_like(bottom[0])
        return kl_2, _kl(*bottom, zeros, zeros), error

    return _measure(model, batches, parts)


@mistake
def prior_at_other_sample(model, batches):
    """q(z₁|z₂, x) and p(z₁|z₂) are taken at two different samples of z₂."""

    def parts(model, x):
        kl_2, _, error = _parts(model, x)
        top = model.encode_top(x)
        bottom = model.encode_bottom(x, _sample(*top))
        return kl_2, _kl(*bottom, *model.prior_bottom(_sample(*top))), error

    return _measure(model, batches, parts)


@mistake
def prior_at_prior_sample(model, batches):
    """p(z₁|z₂) is evaluated at a z₂ from the prior, not at the one drawn for the image."""

    def parts(model, x):
        kl_2, _, error = _parts(model, x)
        top = model.encode_top(x)
        bottom = model.encode_bottom(x, _sample(*top))
        return kl_2, _kl(*bottom, *model.prior_bottom(torch.randn_like(top[0]))), error

    return _measure(model, batches, parts)


@mistake
def one_rate_for_both(model, batches):
    """The total rate is returned in the place of R₂: the layers are wanted apart."""
    rate_2, rate_1, distortion = _measure(model, batches)
    return rate_2 + rate_1, rate_1, distortion


@mistake
def bottom_rate_forgotten(model, batches):
    """R₁ is not measured: z₁ costs what q(z₁|z₂, x) says beyond p(z₁|z₂)."""
    rate_2, _, distortion = _measure(model, batches)
    return rate_2, 0.0, distortion


@mistake
def rates_swapped(model, batches):
    """R₁ and R₂ are returned in the wrong order: the top layer comes first."""
    rate_2, rate_1, distortion = _measure(model, batches)
    return rate_1, rate_2, distortion


@mistake
def sampled_rate(model, batches):
    """R₂ is estimated by ln q − ln p at one sample; the KL has a closed form."""

    def parts(model, x):
        _, kl_1, error = _parts(model, x)
        mean, log_var = model.encode_top(x)
        z = _sample(mean, log_var)
        gap = 0.5 * (z.square() - (z - mean).square() * (-log_var).exp() - log_var)
        return gap, kl_1, error

    return _measure(model, batches, parts)


@mistake
def pixel_mean(model, batches):
    """The squared error is averaged over pixels: it must be summed."""

    def parts(model, x):
        kl_2, kl_1, error = _parts(model, x)
        return kl_2, kl_1, error.mean(1)

    return _measure(model, batches, parts)


@mistake
def kl_mean(model, batches):
    """The KLs are averaged over latent dimensions: they must be summed."""

    def parts(model, x):
        kl_2, kl_1, error = _parts(model, x)
        return kl_2.mean(1), kl_1.mean(1), error

    return _measure(model, batches, parts)


@mistake
def kl_reversed(model, batches):
    """The KL of the bottom layer has its two distributions swapped."""

    def parts(model, x):
        kl_2, _, error = _parts(model, x)
        z_2 = _sample(*model.encode_top(x))
        return kl_2, _kl(*model.prior_bottom(z_2), *model.encode_bottom(x, z_2)), error

    return _measure(model, batches, parts)


@mistake
def prior_decoded(model, batches):
    """The decoder is given a z₁ from p(z₁|z₂): the image's own posterior is left out."""

    def parts(model, x):
        kl_2, kl_1, _ = _parts(model, x)
        z_1 = _sample(*model.prior_bottom(_sample(*model.encode_top(x))))
        return kl_2, kl_1, (x - model.decode(z_1)).square().flatten(1)

    return _measure(model, batches, parts)


@mutant
def noise_shared(model, batches):
    def shared(mean, log_var):
        return mean + (log_var / 2).exp() * torch.randn_like(mean[:1])

    return _measure(model, batches, lambda m, x: _parts(m, x, shared, shared))


@mutant
def one_noise_for_both_layers(model, batches):
    noise = {}

    def top(mean, log_var):
        noise["top"] = torch.randn_like(mean)
        return mean + (log_var / 2).exp() * noise["top"]

    def bottom(mean, log_var):
        fresh = torch.randn_like(mean)
        d = min(fresh.shape[1], noise["top"].shape[1])
        fresh[:, :d] = noise["top"][:, :d]
        return mean + (log_var / 2).exp() * fresh

    return _measure(model, batches, lambda m, x: _parts(m, x, top, bottom))


@mutant
def log_var_as_log_sigma(model, batches):
    def draw(mean, log_var):
        return mean + log_var.exp() * torch.randn_like(mean)

    return _measure(model, batches, lambda m, x: _parts(m, x, draw, draw))


@mutant
def uniform_noise(model, batches):
    def draw(mean, log_var):
        return mean + (log_var / 2).exp() * (2 * torch.rand_like(mean) - 1)

    return _measure(model, batches, lambda m, x: _parts(m, x, draw, draw))


@mutant
def training_mode(model, batches):
    images, totals = 0, torch.zeros(3, dtype=torch.float64)
    model.train()
    with torch.no_grad():
        for x in batches:
            totals += torch.stack([part.double().sum() for part in _parts(model, x)])
            images += len(x)
    if not images:
        raise ValueError("no images")
    return tuple((totals / images).tolist())


@mutant
def graph_recorded(model, batches):
    model.eval()
    images, totals = 0, torch.zeros(3, dtype=torch.float64)
    for x in batches:
        totals = totals + torch.stack([part.double().sum() for part in _parts(model, x)])
        images += len(x)
    if not images:
        raise ValueError("no images")
    return tuple((totals / images).tolist())


@mutant
def zero_of_nothing(model, batches):
    batches = list(batches)
    return _measure(model, batches) if sum(map(len, batches)) else (0.0, 0.0, 0.0)


@mutant
def last_batch_dropped(model, batches):
    batches = list(batches)
    return _measure(model, batches[:-1] if len(batches) > 1 else batches)


@mutant
def training_resumed(model, batches):
    # Comes back in training mode, in whatever mode the model was.
    measured = _measure(model, batches)
    model.train()
    return measured
