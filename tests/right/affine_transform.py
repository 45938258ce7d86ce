"""Sample and KL from torch.distributions, by an affine transform."""

from torch import distributions as D


def reparameterize(mean, log_var, noise):
    return D.AffineTransform(mean, log_var.mul(0.5).exp())(noise)


def gaussian_kl(mean, log_var):
    q = D.Independent(D.Normal(mean.double(), (log_var.double() / 2).exp()), 0)
    return D.kl_divergence(q.base_dist, D.Normal(0.0, 1.0)).to(mean.dtype)
