"""Two latent layers z₂ → z₁ → x, each with a price of its own.

The model is p(z₂) = N(0, I), p(z₁|z₂) and p(x|z₁): the decoder sees z₁ only. Inference goes the
same way, from the top down, q(z₂|x) q(z₁|z₂, x), so that each layer has a rate:

    R₂ = E KL(q(z₂|x) ‖ p(z₂))        R₁ = E KL(q(z₁|z₂, x) ‖ p(z₁|z₂))

Information is in nats, `log_var` is ln σ², and what belongs to a layer carries its number.
Source for all of it: Xiao & Bamler (2023), "Trading Information between Latents in Hierarchical
Variational Autoencoders", ICLR.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rdlab.gaussian import gaussian_kl, reparameterize
from rdlab.rate_distortion import gaussian_rate

LOG_SIGMA_FLOOR = -6.0
"""Where a learned ln σ levels off."""
HALF_BIN = 1 / 255
"""Half the width of a grey value on the scale from −1 to 1."""


def gaussian_kl_between(
    mean_q: Tensor, log_var_q: Tensor, mean_p: Tensor, log_var_p: Tensor
) -> Tensor:
    """Compute KL(q ‖ p) between two diagonal Gaussians, one value per dimension.

    Args:
        mean_q, log_var_q: parameters of q, shape (..., d).
        mean_p, log_var_p: parameters of p, shape (..., d).

    Returns:
        The KL in nats, shape (..., d), in the dtype of the inputs. With p = N(0, I) it is
        `gaussian_kl` of task 1.2. No term is clipped. Gradients reach all four arguments. The
        value stays finite where both log-variances are ±110 in single precision, whose exponentials
        under- and overflow: only their quotient counts, and of equal Gaussians it is 0 there, too.

    Source: Xiao & Bamler (2023), section 3.
    """
    # BEGIN SOLUTION
    log_ratio = log_var_q - log_var_p
    squared_gap = ((mean_q - mean_p) * (-0.5 * log_var_p).exp()).square()
    return 0.5 * (log_ratio.exp() - 1 - log_ratio + squared_gap)
    # END SOLUTION


def precision_weighted_merge(
    mean_1: Tensor, log_var_1: Tensor, mean_2: Tensor, log_var_2: Tensor
) -> tuple[Tensor, Tensor]:
    """Merge two Gaussian opinions of a latent: their normalised product, per dimension.

    This is how a ladder VAE forms q(z₁|z₂, x) from what the image says and what z₂ says.

    Args:
        mean_1, log_var_1: the first Gaussian, shape (..., d).
        mean_2, log_var_2: the second, shape (..., d).

    Returns:
        (mean, log_var) of the Gaussian whose density is proportional to the product of the two
        densities, each (..., d), in the dtype of the inputs. They and their gradients stay finite
        for log-variances of ±800, whose exponentials do not.

    Source: Sønderby et al. (2016), "Ladder Variational Autoencoders", equations 14 and 15.
    """
    # BEGIN SOLUTION
    weight = torch.sigmoid(log_var_2 - log_var_1)
    mean = weight * mean_1 + torch.sigmoid(log_var_1 - log_var_2) * mean_2
    return mean, -torch.logaddexp(-log_var_1, -log_var_2)
    # END SOLUTION


def hierarchical_loss(
    log_likelihood: Tensor,
    kl_1: Tensor,
    kl_2: Tensor,
    beta_1: float,
    beta_2: float,
    weight: float = 1.0,
) -> Tensor:
    """Compute the loss of a hierarchical VAE with one price per layer.

    Args:
        log_likelihood: ln p(x|z₁) of each image, summed over pixels, shape (B,).
        kl_1, kl_2: KL of the bottom and of the top layer, summed over dimensions, shape (B,).
        beta_1, beta_2: price of a nat in the bottom and in the top layer, ≥ 0.
        weight: of both KL terms during the warm-up, in [0, 1].

    Returns:
        Scalar: mean over images of −log_likelihood + weight·(β₁·KL₁ + β₂·KL₂). Gradients reach the
        three costs of each image.

    Source: Xiao & Bamler (2023), section 3.
    """
    # BEGIN SOLUTION
    rates = beta_1 * kl_1 + beta_2 * kl_2
    return (weight * rates - log_likelihood).mean()
    # END SOLUTION


def warm_up(epoch: int, epochs: int) -> float:
    """Compute the weight of the KL terms in an epoch: from 0 to 1 over the first fifth.

    Args:
        epoch: counted from 0.
        epochs: length of the training, E ≥ 1.

    Returns:
        With k = ⌊E/5⌋ epochs of warm-up: epoch/k in the first k of them, then 1. Fewer than five
        epochs have no warm-up.

    Source: Sønderby et al. (2016), section 2.3.
    """
    # BEGIN SOLUTION
    length = epochs // 5
    return epoch / length if epoch < length else 1.0
    # END SOLUTION


def layer_rates(model: nn.Module, batches: Iterable[Tensor]) -> tuple[float, float, float]:
    """Measure the rates R₂ and R₁ and the distortion D of a model over all images of all batches.

    The model is evaluated in evaluation mode and without gradients; it may stay in that mode, or go
    back to the one it came in. One z₂ is drawn for each image, one z₁ given that z₂, with noise
    drawn anew in every call. Batches may differ in size: every image counts the same.

    Args:
        model: has `encode_top(x)`, `encode_bottom(x, z_2)` and `prior_bottom(z_2)`, which return
            (mean, log_var) of q(z₂|x), q(z₁|z₂, x) and p(z₁|z₂), and `decode(z_1)`, which returns
            x_hat, compared with x as it is: not clamped. z₂ is (B, d₂), z₁ is (B, d₁).
        batches: image batches, each (B, ...); at least one image in all. They may be a generator,
            which can be read only once.

    Returns:
        (R₂, R₁, D): means over images of the two KLs, summed over dimensions, in nats (not
        multiplied by a price; KL₁ at the sampled z₂), and of the squared error, summed over pixels.

    Raises:
        ValueError: there is no image to average over.

    Source: Xiao & Bamler (2023), section 3.
    """
    # BEGIN SOLUTION
    model.eval()
    images, totals = 0, [0.0, 0.0, 0.0]
    with torch.no_grad():
        for x in batches:
            top = model.encode_top(x)
            z_2 = reparameterize(top[0], top[1], torch.randn_like(top[0]))
            bottom = model.encode_bottom(x, z_2)
            z_1 = reparameterize(bottom[0], bottom[1], torch.randn_like(bottom[0]))
            parts = (
                gaussian_kl(*top),
                gaussian_kl_between(*bottom, *model.prior_bottom(z_2)),
                (x - model.decode(z_1)).square(),
            )
            totals = [t + part.sum().item() for t, part in zip(totals, parts, strict=True)]
            images += len(x)
    if images == 0:
        raise ValueError("layer_rates needs at least one image")
    rate_2, rate_1, distortion = (total / images for total in totals)
    return rate_2, rate_1, distortion
    # END SOLUTION


def gumbel_softmax(logits: Tensor, temperature: float, noise: Tensor) -> Tensor:
    """Draw relaxed one-hot samples of a categorical distribution.

    Args:
        logits: unnormalised log-probabilities of K values, shape (..., K).
        temperature: τ > 0. Small ones give samples near one-hot, large ones near uniform.
        noise: draws from the standard Gumbel distribution, shape (..., K). It is an argument, so
            the function is pure.

    Returns:
        softmax((logits + noise) / τ) over the last axis, shape (..., K): finite however large the
        logits are, and differentiable in them.

    Source: Jang et al. (2017), "Categorical Reparameterization with Gumbel-Softmax", equation 2.
    """
    # BEGIN SOLUTION
    return ((logits + noise) / temperature).softmax(-1)
    # END SOLUTION


def categorical_kl(logits: Tensor) -> Tensor:
    """Compute the KL from a categorical distribution to the uniform one.

    Args:
        logits: unnormalised log-probabilities of K values, shape (..., K).

    Returns:
        ln K − H in nats, shape (...): from 0 for equal logits to ln K for a certain value. It
        and its gradient stay finite where probabilities underflow to 0.

    Source: Cover & Thomas, "Elements of Information Theory", 2nd ed., section 2.3.
    """
    # BEGIN SOLUTION
    log_probabilities = logits.log_softmax(-1)
    terms = log_probabilities.exp() * (log_probabilities + math.log(logits.shape[-1]))
    return terms.sum(-1)
    # END SOLUTION


def discretized_logistic_mixture(
    x: Tensor, logits: Tensor, means: Tensor, log_scales: Tensor
) -> Tensor:
    """Compute the log-probability of 8-bit grey values under a mixture of logistics.

    On the scale y = 2x − 1 a grey value is the bin from y − 1/255 to y + 1/255; the lowest one
    (x = 0) reaches down to −∞ and the highest one (x = 1) up to ∞. So the 256 probabilities of a
    pixel sum to 1.

    Args:
        x: pixels, whole multiples of 1/255 from 0 to 1, shape (...).
        logits: unnormalised log-weights of M components for each pixel, shape (..., M).
        means, log_scales: of the components, on the scale of y, shape (..., M); the scale is
            exp(log_scales).

    Returns:
        ln P(x) of each pixel, shape (...). Value and gradients stay finite for components far from
        the pixel and for narrow ones: there is no floor.

    Source: Salimans et al. (2017), "PixelCNN++", section 2.1.
    """
    # BEGIN SOLUTION
    y = (2 * x - 1).unsqueeze(-1)
    precision = (-log_scales).exp()
    above = (y + HALF_BIN - means) * precision
    below = (y - HALF_BIN - means) * precision
    inside = (-torch.expm1(-2 * HALF_BIN * precision)).log()
    inside = inside + F.logsigmoid(above) + F.logsigmoid(-below)
    x = x.unsqueeze(-1)
    outer = torch.where(x < 0.5 * HALF_BIN, F.logsigmoid(above), F.logsigmoid(-below))
    edge = (x < 0.5 * HALF_BIN) | (x > 1 - 0.5 * HALF_BIN)
    return (logits.log_softmax(-1) + torch.where(edge, outer, inside)).logsumexp(-1)
    # END SOLUTION


def gaussian_log_likelihood(x: Tensor, x_hat: Tensor, log_sigma: Tensor) -> Tensor:
    """Compute ln N(x; x_hat, σ²I) with one learned σ for all pixels.

    Nothing keeps a learned σ from 0 where the reconstruction is perfect, so ln σ is bounded
    softly: −6 + softplus(log_sigma + 6) takes its place.

    Args:
        x, x_hat: images and reconstructions, shape (B, ...).
        log_sigma: ln σ before the soft bound, a scalar tensor.

    Returns:
        Log-density of each image in nats, summed over pixels, with its constant, shape (B,); at a
        log_sigma of 100 it does not overflow, in single precision either. Gradients reach log_sigma
        from above and from below −6.

    Source: Rybkin et al. (2021), "Simple and Effective VAE Training with Calibrated Decoders".
    """
    # BEGIN SOLUTION
    log_sigma = LOG_SIGMA_FLOOR + F.softplus(log_sigma - LOG_SIGMA_FLOOR)
    errors = (x - x_hat).square().flatten(1).sum(1) * (-2 * log_sigma).exp()
    pixels = x[0].numel()
    return -0.5 * errors - pixels * (log_sigma + 0.5 * math.log(2 * math.pi))
    # END SOLUTION


def mixture_information(z: Tensor, mean: Tensor, log_var: Tensor, labels: Tensor) -> float:
    """Estimate I(z; label) with mixtures of the encoder's own Gaussians.

    The density of z is taken to be the mixture of all N posteriors, that of z given a label the
    mixture of the posteriors of that label's images, the own image among them.

    Args:
        z: one sample of each image's posterior, shape (N, d). The lab calls it with N = 10,000,
            where a tensor of (N, N, d) does not fit into memory: go through z in parts. Every image
            counts the same, in a last part that is shorter, too.
        mean, log_var: the posteriors q(z|x), shape (N, d).
        labels: of the images, non-negative integers, shape (N,). Some may not occur.

    Returns:
        Mean over images of ln p(z|label) − ln p(z), in nats. It is computed without underflow, so
        classes that lie far apart give the entropy of the labels. In expectation it lies above
        the true information, little where the rate is low.

    Source: Xiao & Bamler (2023), section 4.
    """
    # BEGIN SOLUTION
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    precision = (-log_var).exp()
    constant = (mean.square() * precision + log_var).sum(1)
    total = 0.0
    for label in labels.unique():
        own = labels == label
        for part in z[own].split(100):
            squares = part.square() @ precision.T - 2 * part @ (mean * precision).T + constant
            log_density = -0.5 * squares
            gaps = log_density[:, own].logsumexp(1) - log_density.logsumexp(1)
            total += (gaps + math.log(len(z) / own.sum().item())).sum().item()
    return total / len(z)
    # END SOLUTION


def accuracy_bound(information: float, label_probabilities: Tensor) -> float:
    """Compute the highest accuracy that a classifier can have with so much information.

    By Fano's inequality it is the a in [1/M, 1] with
    H(L) − H_b(a) − (1 − a) ln(M − 1) = I, where H_b(a) = −a ln a − (1 − a) ln(1 − a).

    Args:
        information: I between what the classifier sees and the label, in nats. Below 0, which an
            estimate may be, it counts as 0.
        label_probabilities: of the M ≥ 2 labels, some perhaps 0, shape (M,).

    Returns:
        The accuracy a, to within 10⁻⁶; 1 where the information is at least H(L).

    Source: Xiao & Bamler (2023), section 4; Cover & Thomas, theorem 2.10.1.
    """
    # BEGIN SOLUTION
    classes = len(label_probabilities)
    entropy = torch.special.entr(label_probabilities.double()).sum().item()
    information = max(information, 0.0)
    if information >= entropy:
        return 1.0
    low, high = 1 / classes, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        needed = entropy - _binary_entropy(middle) - (1 - middle) * math.log(classes - 1)
        low, high = (middle, high) if needed < information else (low, middle)
    return high
    # END SOLUTION


# BEGIN SOLUTION
def _binary_entropy(share: float) -> float:
    """Return the entropy in nats of a coin that falls this way with probability `share`."""
    return math.fsum(-p * math.log(p) for p in (share, 1 - share) if p > 0)


# END SOLUTION


def psnr(x: Tensor, x_hat: Tensor) -> float:
    """Compute the peak signal-to-noise ratio of reconstructions of a whole data set.

    Args:
        x: images with values in [0, 1], so the peak is 1, shape (N, ...).
        x_hat: their reconstructions, shape (N, ...).

    Returns:
        −10 log₁₀ of the mean squared error over all images and pixels, in decibels; inf where
        every reconstruction is exact.
    """
    # BEGIN SOLUTION
    error = (x - x_hat).double().square().mean().item()
    return -10 * math.log10(error) if error else math.inf
    # END SOLUTION


def inception_score(probabilities: Tensor) -> tuple[float, float, float]:
    """Compute the inception score of generated images and its two factors.

    Args:
        probabilities: a classifier's class probabilities for N images, shape (N, C). Rows sum to
            1; entries may be 0: 0·ln 0 is 0.

    Returns:
        (score, diversity, sharpness): diversity is e^(H of the mean probabilities), from 1 to C;
        sharpness is e^(−mean H of the probabilities), from 1/C to 1; the score is their product,
        from 1 to C. All N images are one set; it is not split.

    Source: Salimans et al. (2016), "Improved Techniques for Training GANs", section 4.
    """
    # BEGIN SOLUTION
    probabilities = probabilities.double()
    diversity = torch.special.entr(probabilities.mean(0)).sum().exp().item()
    sharpness = (-torch.special.entr(probabilities).sum(1).mean()).exp().item()
    return diversity * sharpness, diversity, sharpness
    # END SOLUTION


def upper_hull(rates: Tensor, values: Tensor) -> Tensor:
    """Find the runs on the frontier of a metric over the rate: corners of the upper convex hull.

    Args:
        rates: total rate of each run, in any order, shape (n,), n ≥ 1.
        values: a metric of each run, larger is better, shape (n,).

    Returns:
        Indices of the corners, ascending, an integer tensor of shape (k,): no point lies above the
        chords between neighbouring corners, which reach from the least rate to the largest.
        Points on a chord are no corners. Of equal rates only the best value counts, of equal
        points the first. All comparisons are exact, without a tolerance.

    Source: Xiao & Bamler (2023), section 5.
    """
    # BEGIN SOLUTION
    points = sorted(
        zip(rates.tolist(), values.tolist(), range(len(rates)), strict=True),
        key=lambda point: (point[0], -point[1], point[2]),
    )
    hull: list[tuple[float, float, int]] = []
    for point in points:
        if hull and hull[-1][0] == point[0]:
            continue
        while len(hull) > 1 and not _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return torch.tensor(sorted(index for _, _, index in hull), dtype=torch.int64)
    # END SOLUTION


# BEGIN SOLUTION
def _turns_right(first, middle, last) -> bool:
    """Return whether the middle point lies above the chord from the first to the last."""
    rise = (middle[1] - first[1]) * (last[0] - middle[0])
    return rise > (last[1] - middle[1]) * (middle[0] - first[0])


# END SOLUTION


def linear_hierarchical_point(
    variances: Tensor, beta_2: float, beta_1: float, top_dim: int, bottom_dim: int
) -> tuple[float, float, float]:
    """Compute the rates and the distortion at which the best *linear* hierarchy ends.

    With loss SSE + β₁·KL₁ + β₂·KL₂ on Gaussian data and linear maps, each component is coded in
    one layer only. The layer of price β codes at water level β/2:

    - β₂ < β₁: the top_dim largest components in z₂, the next ones, up to bottom_dim in all, in z₁;
    - β₁ < β₂: the bottom_dim largest components in z₁, nothing in z₂.

    What lies beyond bottom_dim components is lost, since the decoder sees z₁ only.

    Args:
        variances: component variances of the data, in any order, shape (n,).
        beta_2, beta_1: prices of a nat in the top and in the bottom layer, > 0.
        top_dim, bottom_dim: latent dimensions of the layers, 1 ≤ top_dim ≤ bottom_dim; what
            exceeds n stays unused.

    Returns:
        (R₂, R₁, D): rates in nats and total squared error.

    Raises:
        ValueError: the prices are equal; then the split between the layers is arbitrary.

    Source: the successive refinement of Gaussian sources; Equitz & Cover (1991), with water
    levels as in task 2.6.
    """
    # BEGIN SOLUTION
    if beta_2 == beta_1:
        raise ValueError("at equal prices the split of the rate is arbitrary")
    descending = variances.double().sort(descending=True).values
    split = top_dim if beta_2 < beta_1 else 0
    top, bottom = descending[:split], descending[split:bottom_dim]
    levels = [torch.tensor(beta / 2, dtype=torch.float64) for beta in (beta_2, beta_1)]
    rate_2, rate_1 = (
        gaussian_rate(coded, level).sum().item()
        for coded, level in zip((top, bottom), levels, strict=True)
    )
    kept = top.clamp(max=levels[0]).sum() + bottom.clamp(max=levels[1]).sum()
    return rate_2, rate_1, (kept + descending[bottom_dim:].sum()).item()
    # END SOLUTION
