"""Wrong versions of rate_and_distortion (task 1.4). A docstring is what the student is told."""

import itertools
import math

import torch

from rdlab.evaluation import rate_and_distortion as exact
from rdlab.gaussian import gaussian_kl, reparameterize
from tests.wrong import mistake, mutant

TASK = "1.4"


def decoded(model, x, noise=torch.randn_like):
    """Encode images, sample, decode: (mean, log_var, x_hat)."""
    mean, log_var = model.encode(x)
    return mean, log_var, model.decode(reparameterize(mean, log_var, noise(mean)))


def sums(model, x, noise=torch.randn_like):
    """Rate and distortion of a batch, summed over its images."""
    mean, log_var, x_hat = decoded(model, x, noise)
    return gaussian_kl(mean, log_var).sum().item(), (x - x_hat).square().sum().item()


def averaged(measured):
    """The mean over images of (images, rate, distortion), each a sum over a batch."""
    images, rate, distortion = (
        sum(column) for column in zip((0, 0.0, 0.0), *measured, strict=True)
    )
    if images == 0:
        raise ValueError("no image")
    return rate / images, distortion / images


def over_batches(model, batches, noise=torch.randn_like):
    """Rate and distortion as they should be, with noise from `noise(mean)`."""
    model.eval()
    with torch.no_grad():
        return averaged([(len(x), *sums(model, x, noise)) for x in batches])


def in_one_batch(batches):
    """All images of all batches in one tensor."""
    images = [image for x in batches for image in x]
    if not images:
        raise ValueError("no image")
    return torch.stack(images)


@mistake
def batch_counted_full(model, batches):
    """You count as many images for each batch as the first one has. The last batch may be
    smaller."""
    model.eval()
    batches = list(batches)
    with torch.no_grad():
        measured = [(len(batches[0]), *sums(model, x)) for x in batches]
    if not sum(map(len, batches)):
        raise ValueError("no image")
    return averaged(measured)


@mistake
def bits(model, batches):
    """Your rate of the data set is in bits. Report it in nats."""
    rate, distortion = exact(model, batches)
    return rate / math.log(2), distortion


@mistake
@torch.no_grad()
def channel_mean(model, batches):
    """You average the squared error over the channels. Every pixel of every channel counts: sum
    them all."""
    model.eval()
    x = in_one_batch(batches)
    mean, log_var, x_hat = decoded(model, x)
    channels = x.shape[1] if x.dim() == 4 else 1
    rate = gaussian_kl(mean, log_var).sum(1).mean()
    return rate.item(), (x - x_hat).square().sum().item() / channels / len(x)


@mistake
@torch.no_grad()
def clamped_images(model, batches):
    """You clip the reconstruction to [0, 1] before you take its error: measure what the model
    gives."""
    model.eval()
    measured = []
    for x in batches:
        mean, log_var, x_hat = decoded(model, x)
        distortion = (x - x_hat.clamp(0, 1)).square().sum().item()
        measured.append((len(x), gaussian_kl(mean, log_var).sum().item(), distortion))
    return averaged(measured)


@mistake
@torch.no_grad()
def decoded_mean(model, batches):
    """You decode the posterior mean, so your distortion is too small for the rate. The rate pays
    for a sampled z: decode a sample."""
    model.eval()
    measured = []
    for x in batches:
        mean, log_var = model.encode(x)
        distortion = (x - model.decode(mean)).square().sum().item()
        measured.append((len(x), gaussian_kl(mean, log_var).sum().item(), distortion))
    return averaged(measured)


@mistake
@torch.no_grad()
def divided_twice(model, batches):
    """You average within each batch and then divide by the number of images again: both numbers
    come out too small by about the batch size."""
    model.eval()
    measured = []
    for x in (batch for batch in batches if len(batch)):
        rate, distortion = sums(model, x)
        measured.append((len(x), rate / len(x), distortion / len(x)))
    return averaged(measured)


@mistake
@torch.no_grad()
def empty_batches(model, batches):
    """Batches without a single image give you 0: there is nothing to average over, which is a
    ValueError."""
    model.eval()
    batches = list(batches)
    if not batches:
        raise ValueError("none")
    return (
        averaged([(len(x), *sums(model, x)) for x in batches]) if any(map(len, batches)) else (0, 0)
    )


@mistake
def empty_is_zero(model, batches):
    """With no image at all you return (0, 0), the mark of a perfect model. Raise a ValueError:
    there is nothing to average over."""
    batches = [x for x in batches if len(x)]
    return exact(model, batches) if batches else (0.0, 0.0)


@mistake
def first_batch_lost(model, batches):
    """You look at the first batch and then start again. A generator does not start again: its first
    batch is lost."""
    if next(iter(batches), None) is None:
        raise ValueError("no batch")
    return exact(model, batches)


@mistake
@torch.no_grad()
def free_bits(model, batches):
    """You count a least amount for every latent: idle latents cost nothing, so the rate comes out
    too high."""
    model.eval()
    measured = []
    for x in batches:
        mean, log_var, x_hat = decoded(model, x)
        rate = gaussian_kl(mean, log_var).clamp(min=0.01).sum().item()
        measured.append((len(x), rate, (x - x_hat).square().sum().item()))
    return averaged(measured)


@mistake
def incomplete_batch_dropped(model, batches):
    """You leave out the incomplete last batch. Its images belong to the data set as well."""
    batches = list(batches)
    largest = max((len(x) for x in batches), default=0)
    return exact(model, [x for x in batches if len(x) == largest])


@mistake
def last_batch_only(model, batches):
    """You report the last batch alone. Collect the sums over all batches."""
    return exact(model, [x for x in batches if len(x)][-1:])


@mistake
@torch.no_grad()
def latent_mean(model, batches):
    """Your rate is averaged over the latent dimensions. The rate of an image is their sum."""
    model.eval()
    x = in_one_batch(batches)
    mean, log_var, x_hat = decoded(model, x)
    return gaussian_kl(mean, log_var).mean().item(), (x - x_hat).square().sum().item() / len(x)


@mistake
@torch.no_grad()
def latent_size_counted(model, batches):
    """You count mean.shape[1], the latent size, where the number of images belongs. The two agree
    only by chance."""
    model.eval()
    measured = []
    for x in batches:
        latents = model.encode(x)[0].shape[1] if len(x) else 0
        measured.append((latents, *sums(model, x)))
    return averaged(measured)


@mistake
@torch.no_grad()
def mean_of_batches(model, batches):
    """You average the batch means, so the images of a small last batch count too much. Every image
    counts the same."""
    model.eval()
    measured = []
    for x in (batch for batch in batches if len(batch)):
        rate, distortion = sums(model, x)
        measured.append((1, rate / len(x), distortion / len(x)))
    return averaged(measured)


@mistake
def noise_shared_by_latents(model, batches):
    """All latents of an image share one random number: each needs its own."""
    return over_batches(model, batches, lambda mean: torch.randn(len(mean), 1).expand_as(mean))


@mistake
@torch.no_grad()
def pixel_mean(model, batches):
    """Your distortion is averaged over pixels. It is the squared error summed over the whole
    image."""
    model.eval()
    x = in_one_batch(batches)
    mean, log_var, x_hat = decoded(model, x)
    rate = gaussian_kl(mean, log_var).sum(1).mean()
    return rate.item(), (x - x_hat).square().mean().item()


@mistake
@torch.no_grad()
def reseeded(model, batches):
    """You seed the generator again for every batch, so batches share their noise."""
    model.eval()
    measured = []
    for x in batches:
        torch.manual_seed(len(x))
        measured.append((len(x), *sums(model, x)))
    return averaged(measured)


@mistake
@torch.no_grad()
def sampled_rate(model, batches):
    """You estimate the rate from one sample per image, ln q(z|x) − ln p(z). It is noisy; the KL is
    known in closed form, so the rate is exact."""
    model.eval()
    x = in_one_batch(batches)
    mean, log_var = model.encode(x)
    noise = torch.randn_like(mean)
    z = reparameterize(mean, log_var, noise)
    rate = 0.5 * (z.square() - noise.square() - log_var).sum(1).mean()
    return rate.item(), (x - model.decode(z)).square().sum().item() / len(x)


@mistake
def shared_noise(model, batches):
    """All images of a batch get the same noise vector. Draw noise of the shape of mean, so that
    each image gets its own."""
    batches = [in_one_batch(batches)]
    return over_batches(model, batches, lambda mean: torch.randn(mean.shape[1]).expand_as(mean))


@mistake
@torch.no_grad()
def training_mode(model, batches):
    """You evaluate the model in the mode it comes in, so dropout and batch normalisation still act
    as in training. Switch to evaluation mode first."""
    return averaged([(len(x), *sums(model, x)) for x in batches])


@mistake
@torch.no_grad()
def two_passes(model, batches):
    """You go through the batches twice. They may be an iterable that can be read only once, such as
    a generator: collect both numbers in one pass."""
    model.eval()
    images = sum(len(x) for x in batches)
    measured = [sums(model, x) for x in batches]
    if images == 0:
        raise ValueError("no image")
    return tuple(sum(part) / images for part in zip((0.0, 0.0), *measured, strict=True))


@mistake
def uniform_noise(model, batches):
    """Your noise is uniform on [0, 1). The posterior is Gaussian: the noise is standard normal."""
    return over_batches(model, batches, torch.rand_like)


@mistake
@torch.no_grad()
def variance_as_sigma(model, batches):
    """You scale the noise by the variance, not by the standard deviation."""
    model.eval()
    measured = []
    for x in batches:
        mean, log_var = model.encode(x)
        x_hat = model.decode(mean + log_var.exp() * torch.randn_like(mean))
        rate = gaussian_kl(mean, log_var).sum().item()
        measured.append((len(x), rate, (x - x_hat).square().sum().item()))
    return averaged(measured)


@mistake
def with_gradients(model, batches):
    """You evaluate with gradients switched on: every batch builds a graph that nobody needs, which
    costs memory and time."""
    model.eval()
    return averaged([(len(x), *sums(model, x)) for x in batches])


@mutant
def batch_cut(model, batches):
    # Reads 1000 images of a batch: shows that a check has more.
    return exact(model, (x[:1000] for x in batches))


@mutant
def batches_cut(model, batches):
    # Reads 100 batches: shows that a check has more.
    return exact(model, itertools.islice(batches, 100))


@mutant
@torch.no_grad()
def decoder_trains(model, batches):
    # The encoder is evaluated, the decoder is not: shows that both parts have a mode.
    measured = []
    for x in batches:
        model.eval()
        mean, log_var = model.encode(x)
        model.train()
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rate = gaussian_kl(mean, log_var).sum().item()
        measured.append((len(x), rate, (x - x_hat).square().sum().item()))
    return averaged(measured)


@mutant
def noise_in_pairs(model, batches):
    # Half of the latents have the other half's noise, negated: each alone is standard normal.
    def paired(mean):
        half = torch.randn(len(mean), (mean.shape[1] + 1) // 2)
        return torch.cat([half, -half], 1)[:, : mean.shape[1]]

    return over_batches(model, batches, paired)


@mutant
def noise_truncated(model, batches):
    # Nothing beyond ±2.5, which one draw in 80 is: shows that a check looks at the tails.
    return over_batches(model, batches, lambda mean: torch.randn_like(mean).clamp(-2.5, 2.5))


@mutant
def gradients_stay_off(model, batches):
    # Switches gradients off and not on again: nothing trains after an evaluation.
    model.eval()
    torch.set_grad_enabled(False)
    return averaged((len(x), *sums(model, x)) for x in batches)


@mutant
def seeded(model, batches):
    # The caller's generator is seeded: every epoch after an evaluation has the same noise.
    torch.manual_seed(0)
    return over_batches(model, batches)


@mutant
def training_resumed(model, batches):
    # Comes back in training mode, in whatever mode the model was.
    measured = over_batches(model, batches)
    model.train()
    return measured


@mutant
def weights_frozen(model, batches):
    # Leaves nothing to train.
    return over_batches(model.requires_grad_(False), batches)


@mutant
def large_batch_cut(model, batches):
    # Reads 4,096 images of each batch: shows that a check has more.
    return exact(model, (x[:4096] for x in batches))


@mutant
def rounded(model, batches):
    # Three decimals are enough for most rates.
    rate, distortion = exact(model, batches)
    return round(rate, 3), round(distortion, 3)
