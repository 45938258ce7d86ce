"""Wrong versions of linear_vae_point (task 2.6). A docstring is what the student is told."""

import math

from rdlab.rate_distortion import linear_vae_point as exact
from rdlab.rate_distortion import reverse_water_filling
from tests.wrong import mistake, mutant

TASK = "2.6"


@mistake
def beta_as_distortion(variances, beta, latent_dim=None):
    """You take β/2 for the total distortion. It is the water level, from which the distortion
    follows."""
    coded = variances.sort(descending=True).values[:latent_dim]
    result = reverse_water_filling(coded, beta / 2)
    rest = (variances.sum() - coded.sum()).item()
    return result.rate, result.distortions.sum().item() + rest


@mistake
def beta_rate(variances, beta, latent_dim=None):
    """You return β·R. The rate itself is asked."""
    rate, distortion = exact(variances, beta, latent_dim)
    return beta * rate, distortion


@mistake
def default_latents(variances, beta, latent_dim=None):
    """Without a latent_dim you take 32. The default is one latent per component."""
    v = variances.double().sort(descending=True).values
    k = min(latent_dim or 32, len(v))
    top, rest = v[:k], v[k:]
    r = 0.5 * (top.clamp(min=beta / 2) / (beta / 2)).log().sum().item()
    return r, (top.clamp(max=beta / 2).sum() + rest.sum()).item()


@mistake
def dropped_at_level(variances, beta, latent_dim=None):
    """You let components without a latent dimension end at the water level. They are not coded at
    all, and lose their whole variance."""
    rate, _ = exact(variances, beta, latent_dim)
    return rate, exact(variances, beta)[1]


@mistake
def dropped_lost(variances, beta, latent_dim=None):
    """Components that are not coded are missing from your distortion. They lose their whole
    variance."""
    return exact(variances.sort(descending=True).values[:latent_dim], beta)


@mistake
def latent_dim_ignored(variances, beta, latent_dim=None):
    """You code every component above the water level. With few latent dimensions only that many can
    be coded."""
    return exact(variances, beta)


@mistake
def level_beta(variances, beta, latent_dim=None):
    """Your water level is β. A Gaussian likelihood has a factor ½ that the squared error lacks:
    look up the level again."""
    return exact(variances, 2 * beta, latent_dim)


@mistake
def level_everywhere(variances, beta, latent_dim=None):
    """Every coded component ends at the level in your distortion, even one with less variance than
    that."""
    rate, _ = exact(variances, beta, latent_dim)
    descending = variances.double().sort(descending=True).values
    k = len(descending) if latent_dim is None else min(latent_dim, len(descending))
    return rate, k * beta / 2 + descending[k:].sum().item()


@mistake
def level_root(variances, beta, latent_dim=None):
    """You take the square root of the level. It is a variance, like those it is compared with."""
    return exact(variances, 2 * (beta / 2) ** 0.5, latent_dim)


@mistake(raises=True)
def more_latents(variances, beta, latent_dim=None):
    """You index a component for every latent dimension. There may be more latent dimensions than
    components: the surplus ones stay unused."""
    values = sorted(variances.tolist(), reverse=True)
    coded = [values[i] for i in range(len(values) if latent_dim is None else latent_dim)]
    rate = sum(0.5 * math.log(v * 2 / beta) for v in coded if v > beta / 2)
    return rate, sum(min(v, beta / 2) for v in coded) + sum(values[len(coded) :])


@mistake
def negative_rates(variances, beta, latent_dim=None):
    """Components below the water level lower your rate. Their rate is 0."""
    coded = variances.double().sort(descending=True).values[:latent_dim]
    rate = 0.5 * (2 * coded[coded > 0] / beta).log().sum().item()
    return rate, exact(variances, beta, latent_dim)[1]


@mistake
def not_sorted(variances, beta, latent_dim=None):
    """You code the first components. Code the ones of largest variance: the order is arbitrary."""
    coded, rest = variances[:latent_dim], 0.0
    if latent_dim is not None:
        rest = variances[latent_dim:].double().sum().item()
    rate, distortion = exact(coded, beta)
    return rate, distortion + rest


@mistake
def smallest_coded(variances, beta, latent_dim=None):
    """You code the components of smallest variance. The largest ones save the most distortion."""
    ascending = variances.sort().values
    rate, distortion = exact(ascending[:latent_dim], beta)
    rest = 0 if latent_dim is None else ascending[latent_dim:].double().sum().item()
    return rate, distortion + rest


@mutant
def latents_limited(variances, beta, latent_dim=None):
    # At most 32 latents: shows that a check has more components above the water.
    s = sorted(variances.tolist(), reverse=True)
    k = latent_dim or len(s)
    k = min(k, 32)
    theta = beta / 2
    rate = sum(0.5 * math.log(v / theta) for v in s[:k] if v > theta)
    return rate, sum(min(v, theta) for v in s[:k]) + sum(s[k:])


@mutant
def level_floored(variances, beta, latent_dim=None):
    # A floor of 0.01 under the water: shows that a check has a lower level.
    s = sorted(variances.tolist(), reverse=True)
    k = len(s) if latent_dim is None else latent_dim
    theta = max(beta / 2, 0.01)
    rate = sum(0.5 * math.log(v / theta) for v in s[:k] if v > theta)
    return rate, sum(min(v, theta) for v in s[:k]) + sum(s[k:])


@mutant
def small_lost(variances, beta, latent_dim=None):
    # Loses uncoded variances below 0.01: shows that a check has many of them.
    s = sorted(variances.tolist(), reverse=True)
    k = len(s) if latent_dim is None else latent_dim
    theta = beta / 2
    rate = sum(0.5 * math.log(v / theta) for v in s[:k] if v > theta)
    return rate, sum(min(v, theta) for v in s[:k]) + sum(v for v in s[k:] if v > 1e-2)


@mutant
def hundred_components(variances, beta, latent_dim=None):
    # Codes 128 components at most: shows that a check has more.
    return exact(variances, beta, min(latent_dim or 128, 128))
