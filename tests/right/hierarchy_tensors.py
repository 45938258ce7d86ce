"""Part 6 by einsum, masks and Newton's method, with tensors as results."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def gaussian_kl_between(mean_q, log_var_q, mean_p, log_var_p):
    ratio, gap = log_var_q - log_var_p, (mean_q - mean_p) * torch.exp(-log_var_p / 2)
    return -0.5 + 0.5 * (ratio.exp() + gap**2) - ratio / 2


def precision_weighted_merge(mean_1, log_var_1, mean_2, log_var_2):
    least = torch.minimum(log_var_1, log_var_2)
    one, two = (least - log_var_1).exp(), (least - log_var_2).exp()
    return (one * mean_1 + two * mean_2) / (one + two), least - (one + two).log()


def hierarchical_loss(log_likelihood, kl_1, kl_2, beta_1, beta_2, weight=1.0):
    loss = torch.neg(log_likelihood.mean())
    loss = loss + weight * beta_1 * kl_1.mean()
    return loss + weight * beta_2 * kl_2.mean()


def warm_up(epoch, epochs):
    weights = torch.ones(epochs, dtype=torch.float64)
    length = epochs // 5
    if length:
        weights[:length] = torch.arange(length) / length
    return weights[epoch]


class _Rates:
    """Sums of a model's three costs."""

    def __init__(self, model):
        self.model, self.sums, self.images = model.eval(), torch.zeros(3).double(), 0

    def add(self, x):
        model = self.model
        top = torch.stack(model.encode_top(x))
        z_2 = top[0] + torch.exp(top[1] / 2) * torch.empty_like(top[0]).normal_()
        bottom = torch.stack(model.encode_bottom(x, z_2))
        z_1 = bottom[0] + torch.exp(bottom[1] / 2) * torch.empty_like(bottom[0]).normal_()
        prior = torch.stack(model.prior_bottom(z_2))
        zeros = torch.zeros_like(top)
        error = x - model.decode(z_1)
        costs = (
            gaussian_kl_between(*top, *zeros).sum(),
            gaussian_kl_between(*bottom, *prior).sum(),
            torch.einsum("bi,bi->", error.flatten(1), error.flatten(1)),
        )
        self.sums += torch.stack([cost.double() for cost in costs])
        self.images += x.shape[0]


def layer_rates(model, batches):
    with torch.no_grad():
        rates = _Rates(model)
        for x in batches:
            rates.add(x)
    if rates.images == 0:
        raise ValueError("there is no image")
    return tuple(rates.sums / rates.images)


def gumbel_softmax(logits, temperature, noise):
    return F.softmax(torch.add(logits, noise).div(temperature), dim=-1)


def categorical_kl(logits):
    uniform = torch.full_like(logits, -math.log(logits.shape[-1]))
    return F.kl_div(uniform, logits.log_softmax(-1), reduction="none", log_target=True).sum(-1)


def discretized_logistic_mixture(x, logits, means, log_scales):
    dark, bright = (x == 0).unsqueeze(-1), (x == 1).unsqueeze(-1)
    inverse = torch.exp(-log_scales)
    centre = (2 * x.unsqueeze(-1) - 1 - means) * inverse
    reach = inverse / 255
    zero = torch.zeros_like(centre)
    # σ(c + r) − σ(c − r) = σ(c + r) σ(r − c) (1 − e^(−2r)); a side that is open counts nothing
    log_p = torch.where(bright, zero, F.logsigmoid(centre + reach))
    log_p = log_p + torch.where(dark, zero, F.logsigmoid(reach - centre))
    log_p = log_p + torch.where(dark | bright, zero, torch.log1p(-torch.exp(-2 * reach)))
    return torch.logsumexp(log_p + logits, -1) - torch.logsumexp(logits, -1)


def gaussian_log_likelihood(x, x_hat, log_sigma):
    soft = F.softplus(log_sigma + 6) - 6
    standardised = (x - x_hat) * torch.exp(-soft)
    per_pixel = -0.5 * standardised**2 - soft - 0.5 * math.log(2 * math.pi)
    return per_pixel.reshape(len(x), -1).sum(-1)


def mixture_information(z, mean, log_var, labels):
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    classes, index = labels.unique(return_inverse=True)
    member = F.one_hot(index, len(classes)).double()
    posterior = torch.zeros(len(z), len(classes), dtype=torch.float64)
    for start in range(0, len(z), 250):
        gaps = (z[start : start + 250, None] - mean) ** 2 * torch.exp(-log_var)
        logs = -0.5 * (gaps + log_var).sum(-1)
        for k in range(len(classes)):
            own = logs[:, member[:, k] > 0]
            posterior[start : start + 250, k] = own.logsumexp(1)
    posterior = posterior.log_softmax(1)
    shares = member.mean(0)
    own = torch.einsum("nk,nk->n", posterior.clamp(min=-1e6), member)
    return torch.mean(own - (member @ shares).log())


def accuracy_bound(information, label_probabilities):
    classes = label_probabilities.numel()
    entropy = float(torch.special.entr(label_probabilities.double()).sum())
    wanted = max(float(information), 0.0)
    if wanted >= entropy:
        return np.float64(1.0)
    low, high, a = 1 / classes, 1.0, 0.5 + 0.5 / classes
    for _ in range(200):  # Newton's method, kept between two ends
        found = entropy + a * math.log(a) + (1 - a) * math.log((1 - a) / (classes - 1))
        low, high = (a, high) if found < wanted else (low, a)
        slope = math.log(a * (classes - 1) / (1 - a))
        a = a - (found - wanted) / slope if slope > 0 else low
        if not low < a < high:
            a = (low + high) / 2
    return np.float64(a)


def psnr(x, x_hat):
    gap = torch.linalg.vector_norm((x.double() - x_hat.double()).flatten())
    return -20 * torch.log10(gap / math.sqrt(x.numel()))


def inception_score(probabilities):
    p = probabilities.double()
    marginal = p.mean(0, keepdim=True)
    kl = (torch.special.xlogy(p, p) - torch.special.xlogy(p, marginal)).sum(1)
    sharpness = torch.special.xlogy(p, p).sum(1).mean().exp()
    score = kl.mean().exp()
    return score, score / sharpness, sharpness


def upper_hull(rates, values):
    rates, values = rates.double(), values.double()
    order = np.lexsort((np.arange(len(rates)), -values.numpy(), rates.numpy()))
    hull = []
    for i in order[::-1]:  # from the right
        while hull and rates[hull[-1]] == rates[i]:
            hull.pop()
        while len(hull) > 1:
            a, b = hull[-1], hull[-2]
            turn = (rates[a] - rates[i]) * (values[b] - values[i])
            if turn < (rates[b] - rates[i]) * (values[a] - values[i]):
                break
            hull.pop()
        hull.append(int(i))
    return torch.tensor(hull).sort().values


def linear_hierarchical_point(variances, beta_2, beta_1, top_dim, bottom_dim):
    if beta_2 == beta_1:
        raise ValueError("no point at equal prices")
    spectrum = torch.sort(variances.double(), descending=True)[0]
    place = torch.arange(len(spectrum))
    top = (place < top_dim) & (beta_2 < beta_1)
    bottom = (place < bottom_dim) & ~top
    level_2, level_1 = beta_2 / 2, beta_1 / 2
    distortion = torch.where(top, spectrum.clamp(max=level_2), spectrum)
    distortion = torch.where(bottom, spectrum.clamp(max=level_1), distortion)
    gain = 0.5 * (spectrum / distortion).nan_to_num(1.0).log()
    return gain[top].sum(), gain[bottom].sum(), distortion.sum()
