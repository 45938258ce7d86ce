"""From the autoencoder to the variational autoencoder, and what its optimum must be.

Images are flattened or not, (B, ...); latents are (B, d). Log-variances are ln σ², information is
in nats, and every likelihood is summed over pixels.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from rdlab.gaussian import gaussian_kl, reparameterize
from rdlab.rate_distortion import linear_vae_point


def multivariate_gaussian_kl(
    mean_1: Tensor, covariance_1: Tensor, mean_2: Tensor, covariance_2: Tensor
) -> Tensor:
    """Compute KL(N₁ ‖ N₂) of two multivariate Gaussians with full covariances.

    Neither a determinant nor its ratio need be a floating-point number: with 90 components of
    variance 10⁻⁹ the determinant is 10⁻⁸¹⁰, the divergence an ordinary number.

    Args:
        mean_1, mean_2: shape (..., d).
        covariance_1, covariance_2: symmetric and positive definite, shape (..., d, d). The
            leading axes of all four are alike.

    Returns:
        The divergence in nats, one value per pair of Gaussians, shape (...). Gradients reach all
        four arguments.

    Source: Rasmussen & Williams (2006), "Gaussian Processes for Machine Learning", equation A.23.
    """
    # BEGIN SOLUTION
    root_1, root_2 = torch.linalg.cholesky(covariance_1), torch.linalg.cholesky(covariance_2)
    gap = torch.linalg.solve_triangular(root_2, (mean_1 - mean_2).unsqueeze(-1), upper=False)
    ratio = torch.linalg.solve_triangular(root_2, root_1, upper=False)
    trace, quadratic = ratio.square().sum((-1, -2)), gap.square().sum((-1, -2))
    log_ratio = 2 * (_log_diagonal(root_2) - _log_diagonal(root_1))
    return 0.5 * (quadratic + trace + log_ratio - mean_1.shape[-1])
    # END SOLUTION


# BEGIN SOLUTION
def _log_diagonal(root: Tensor) -> Tensor:
    """Return half of ln det, from a Cholesky factor."""
    return root.diagonal(dim1=-2, dim2=-1).log().sum(-1)


# END SOLUTION


def bernoulli_log_likelihood(x: Tensor, logits: Tensor) -> Tensor:
    """Compute the log-likelihood of images under independent Bernoulli pixels, from logits.

    Per pixel x ln p + (1 − x) ln(1 − p) with p = sigmoid(logit). The value is finite and exact
    for every finite logit: at a logit of 800 the pixel 0 costs 800 nats. The same formula is
    asked for where x lies between 0 and 1; it is then no likelihood, but still the binary
    cross-entropy with its sign changed.

    Args:
        x: pixels in [0, 1], shape (B, ...).
        logits: of the probability that a pixel is 1, shape as x.

    Returns:
        ln p(x) of each image, summed over its pixels, shape (B,). Its gradient with respect to the
        logits is as exact.
    """
    # BEGIN SOLUTION
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    # END SOLUTION


class Autoencoder(nn.Module):
    """A fully connected autoencoder with one hidden layer each way, or the VAE made of it.

    Its parameters are those of these `nn.Linear` layers, under these names, and no others:

    | name | from → to |
    | --- | --- |
    | `hidden` | pixels → hidden_size |
    | `mean` | hidden_size → latent_dim |
    | `log_var` | hidden_size → latent_dim, of the kind "vae" only |
    | `up` | latent_dim → hidden_size |
    | `out` | hidden_size → pixels |

    A ReLU follows `hidden` and `up`, nothing follows the other three: log-variances of −40 or 15
    are used as they are; the decoder returns logits, and a sigmoid is applied only where an image
    is shown. The encoder's `mean` and `log_var` read
    the same hidden layer.

    Args:
        kind: "ae" or "vae".
        pixels, hidden_size, latent_dim: widths.
    """

    def __init__(self, kind: str, pixels: int = 784, hidden_size: int = 512, latent_dim: int = 2):
        # BEGIN SOLUTION
        super().__init__()
        self.hidden = nn.Linear(pixels, hidden_size)
        self.mean = nn.Linear(hidden_size, latent_dim)
        self.log_var = nn.Linear(hidden_size, latent_dim) if kind == "vae" else None
        self.up = nn.Linear(latent_dim, hidden_size)
        self.out = nn.Linear(hidden_size, pixels)
        # END SOLUTION

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Map flat images (B, pixels) to mean and log-variance, each (B, latent_dim).

        Of the kind "ae" the first is the code and the second is None.
        """
        # BEGIN SOLUTION
        hidden = self.hidden(x).relu()
        return self.mean(hidden), None if self.log_var is None else self.log_var(hidden)
        # END SOLUTION

    def decode(self, z: Tensor) -> Tensor:
        """Map codes (B, latent_dim) to the logits of flat images, (B, pixels)."""
        # BEGIN SOLUTION
        return self.out(self.up(z).relu())
        # END SOLUTION

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Encode, sample with the noise given, decode: (logits, mean, log_var).

        Args:
            x: flat images, shape (B, pixels).
            noise: draws from N(0, I), shape (B, latent_dim). The VAE decodes a sample of
                N(mean, diag exp(log_var)) made from it; the kind "ae" decodes the code itself.
        """
        # BEGIN SOLUTION
        mean, log_var = self.encode(x)
        z = mean if log_var is None else reparameterize(mean, log_var, noise)
        return self.decode(z), mean, log_var
        # END SOLUTION


def run_autoencoder(
    kind: str, weights: dict[str, Tensor], x: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Build your `Autoencoder`, give it these weights and apply it. Given code.

    Args:
        kind: "ae" or "vae".
        weights: name of each parameter, such as "hidden.weight", to its value. The widths follow
            from their shapes. Gradients reach them.
        x: flat images, shape (B, pixels).
        noise: draws from N(0, I), shape (B, latent_dim).

    Returns:
        (logits, mean, log_var) as `Autoencoder.forward` gives them.

    Raises:
        ValueError: the class has other parameters than these.
    """
    hidden_size, pixels = weights["hidden.weight"].shape
    model = Autoencoder(kind, pixels, hidden_size, len(weights["mean.weight"]))
    own = {name: tuple(value.shape) for name, value in model.named_parameters()}
    given = {name: tuple(value.shape) for name, value in weights.items()}
    for name in sorted(own.keys() | given.keys()):
        if own.get(name) != given.get(name):
            raise ValueError(
                f"Autoencoder({kind!r}) has {own.get(name, 'nothing')} for the parameter {name}, "
                f"the docstring {given.get(name, 'nothing')}"
            )
    return functional_call(model, weights, (x, noise))


def autoencoder_loss(
    x: Tensor, logits: Tensor, mean: Tensor, log_var: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute what an autoencoder with Bernoulli pixels minimises, in nats per image.

    Args:
        x: images with pixels in [0, 1], shape (B, ...).
        logits: of their reconstructions, shape as x.
        mean, log_var: posterior parameters, shape (B, d). For a plain autoencoder log_var is
            None: it has no posterior and pays nothing for its code.

    Returns:
        (total, reconstruction, kl), three scalars: −ln p(x|z) summed over pixels and the KL
        divergence to N(0, I) summed over dimensions, each averaged over the batch, and first
        their sum, the negative ELBO. Without log_var the KL is 0, a number or a scalar tensor.
        Gradients of the total reach logits, mean and log_var.

    Source: Kingma & Welling (2014), "Auto-Encoding Variational Bayes", section 2.3.
    """
    # BEGIN SOLUTION
    reconstruction = -bernoulli_log_likelihood(x, logits).mean()
    if log_var is None:
        return reconstruction, reconstruction, torch.zeros_like(reconstruction)
    kl = gaussian_kl(mean, log_var).sum(1).mean()
    return reconstruction + kl, reconstruction, kl
    # END SOLUTION


def gaussian_elbo(x: Tensor, x_hat: Tensor, mean: Tensor, log_var: Tensor, sigma: float) -> Tensor:
    """Compute the ELBO of each image under p(x|z) = N(x_hat, σ²I), constant included.

    With the constant −(n/2) ln(2πσ²) it is a lower bound on ln p(x), a density of n pixels, and
    models with different σ can be compared. Without it, and times −2σ², it is the loss of the
    β-VAE, squared error + β·KL, at β = 2σ².

    Args:
        x, x_hat: images and their reconstructions from one sample of the posterior, shape
            (B, ...).
        mean, log_var: posterior parameters, shape (B, d).
        sigma: standard deviation σ > 0 of every pixel; not its square.

    Returns:
        ln p(x|z) − KL(q(z|x) ‖ N(0, I)) of each image, in nats, shape (B,). Gradients reach x_hat,
        mean and log_var.

    Source: Kingma & Welling (2014), section 2.3 and appendix B.
    """
    # BEGIN SOLUTION
    error = (x - x_hat).square().flatten(1)
    constant = 0.5 * error.shape[1] * math.log(2 * math.pi * sigma**2)
    return -error.sum(1) / (2 * sigma**2) - constant - gaussian_kl(mean, log_var).sum(1)
    # END SOLUTION


def linear_elbo(variances: Tensor, sigma: float, latent_dim: int) -> float:
    """Compute the mean ELBO of the best *linear* Gaussian VAE with fixed σ, in closed form.

    Encoder and decoder are one linear layer each, so the model is probabilistic PCA with this σ:
    the largest components with a variance above σ², at most latent_dim of them, are coded, the
    others are left to the noise. Its ELBO is then exactly the mean of ln p(x), and no other
    linear model with this σ and latent_dim has a higher one on this data.

    Args:
        variances: component variances of the data, in any order, each ≥ 0, shape (n,).
        sigma: standard deviation σ > 0 of every pixel.
        latent_dim: number of latent dimensions, 1 to n.

    Returns:
        The ELBO averaged over the data, in nats, constant included.

    Source: Tipping & Bishop (1999), "Probabilistic Principal Component Analysis"; Lucas et al.
    (2019), "Don't Blame the ELBO!", section 4.
    """
    # BEGIN SOLUTION
    rate, distortion = linear_vae_point(variances, 2 * sigma**2, latent_dim)
    constant = 0.5 * len(variances) * math.log(2 * math.pi * sigma**2)
    return -distortion / (2 * sigma**2) - rate - constant
    # END SOLUTION


def round_trip(
    model: nn.Module, z: Tensor, sigma: float, image_noise: Tensor, latent_noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Run one round of the chain decode → sample an image → encode → sample a latent.

    The image is a draw from p(x|z) = N(decode(z), σ²I), taken as it is: not clamped to [0, 1].
    The new latent is a draw from q(z|x) at that image. The model runs in evaluation mode, in which
    it may stay, or go back to the mode it came in; no graph for gradients is recorded.

    Args:
        model: has `encode(x) -> (mean, log_var)`, each (B, d), and `decode(z) -> x_hat`.
        z: latents, shape (B, d).
        sigma: standard deviation σ ≥ 0 of every pixel.
        image_noise: draws from N(0, I) for the images, shape (B, ...) of an image batch.
        latent_noise: draws from N(0, I) for the new latents, shape (B, d).

    Returns:
        (new latents, images): shapes (B, d) and (B, ...).
    """
    # BEGIN SOLUTION
    model.eval()
    with torch.no_grad():
        x = model.decode(z) + sigma * image_noise
        mean, log_var = model.encode(x)
        return reparameterize(mean, log_var, latent_noise), x
    # END SOLUTION


def latent_grid(rows: int, columns: int, extent: float) -> Tensor:
    """Return the points of a regular grid over a latent plane, in the order of reading.

    Row by row from the top left: along a row the first coordinate runs from −extent on the left
    to +extent on the right; from row to row the second one runs from +extent at the top to
    −extent at the bottom. Both ends belong to the grid.

    Args:
        rows, columns: at least 2 each.
        extent: the largest coordinate, above 0.

    Returns:
        float32, shape (rows · columns, 2).
    """
    # BEGIN SOLUTION
    down, right = torch.linspace(extent, -extent, rows), torch.linspace(-extent, extent, columns)
    return torch.stack([right.repeat(rows), down.repeat_interleave(columns)], dim=1)
    # END SOLUTION


def importance_bound(log_weights: Tensor) -> Tensor:
    """Compute the importance-weighted bound L_K on ln p(x): the logarithm of the mean weight.

    The weights themselves may be far too small or large for a floating-point number; a weight of
    0 has the logarithm −∞.

    Args:
        log_weights: ln p(x, z_k) − ln q(z_k|x) of K samples z_k of q(z|x) for each of B images,
            shape (K, B).

    Returns:
        ln (1/K Σ_k w_k) of each image in nats, shape (B,); −∞ where all its weights are 0. At
        K = 1 it is the ELBO, and in expectation it never falls as K grows.

    Source: Burda et al. (2016), "Importance Weighted Autoencoders", equation 8.
    """
    # BEGIN SOLUTION
    return log_weights.logsumexp(0) - math.log(len(log_weights))
    # END SOLUTION
