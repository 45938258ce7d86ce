"""Wrong versions of the class Autoencoder (task 4.3), as run_autoencoder runs them."""

import torch
import torch.nn.functional as F
from torch import nn

from tests.wrong import mistake, mutant

TASK = "4.3"


class _Base(nn.Module):
    """A right one, with a hook for each thing that can go wrong."""

    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__()
        self.kind = kind
        self.hidden = nn.Linear(pixels, hidden_size)
        self.mean = nn.Linear(hidden_size, latent_dim)
        if kind == "vae":
            self.log_var = nn.Linear(hidden_size, latent_dim)
        self.up = nn.Linear(latent_dim, hidden_size)
        self.out = nn.Linear(hidden_size, pixels)

    def encode(self, x):
        hidden = F.relu(self.hidden(x))
        return self.mean(hidden), self.log_var(hidden) if self.kind == "vae" else None

    def decode(self, z):
        return self.out(F.relu(self.up(z)))

    def sample(self, mean, log_var, noise):
        return mean if log_var is None else mean + (log_var / 2).exp() * noise

    def forward(self, x, noise):
        mean, log_var = self.encode(x)
        return self.decode(self.sample(mean, log_var, noise)), mean, log_var


@mistake
class no_relu(_Base):
    """There is no ReLU after a hidden layer: two linear layers in a row are one linear layer."""

    def encode(self, x):
        hidden = self.hidden(x)
        return self.mean(hidden), self.log_var(hidden) if self.kind == "vae" else None

    def decode(self, z):
        return self.out(self.up(z))


@mistake
class relu_on_code(_Base):
    """A ReLU acts on the code: half of the latent space is cut off."""

    def encode(self, x):
        mean, log_var = super().encode(x)
        return F.relu(mean), log_var


@mistake
class relu_at_the_end(_Base):
    """A ReLU follows the last layer: a logit may be negative, and every dark pixel needs one."""

    def decode(self, z):
        return F.relu(super().decode(z))


@mistake
class sigmoid_at_the_end(_Base):
    """The decoder ends in a sigmoid: it should return logits, the loss applies the sigmoid."""

    def decode(self, z):
        return super().decode(z).sigmoid()


@mistake(raises=True)
class variance_of_its_own_hidden_layer(_Base):
    """The log-variance has a hidden layer of its own: it should read the one of the mean."""

    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__(kind, pixels, hidden_size, latent_dim)
        self.hidden_2 = nn.Linear(pixels, hidden_size)

    def encode(self, x):
        log_var = self.log_var(F.relu(self.hidden_2(x))) if self.kind == "vae" else None
        return super().encode(x)[0], log_var


@mistake
class mean_twice(_Base):
    """Mean and log-variance come from the same layer: each has its own."""

    def encode(self, x):
        mean = super().encode(x)[0]
        return mean, mean.clone() if self.kind == "vae" else None


@mistake
class decoder_shares_encoder(_Base):
    """The decoder uses the encoder's weights: it has layers of its own."""

    def decode(self, z):
        hidden = F.relu(F.linear(z, self.mean.weight.T, self.up.bias))
        return F.linear(hidden, self.hidden.weight.T, self.out.bias)


@mistake
class noise_not_scaled(_Base):
    """The noise is added as it is: the log-variance should set its size."""

    def sample(self, mean, log_var, noise):
        return mean if log_var is None else mean + noise


@mistake
class log_var_as_log_sigma(_Base):
    """You use the log-variance as the logarithm of the standard deviation: a factor ½ is missing
    in the exponent."""

    def sample(self, mean, log_var, noise):
        return mean if log_var is None else mean + log_var.exp() * noise


@mistake
class log_var_as_variance(_Base):
    """You use the log-variance as if it were the standard deviation: where is the exponential?"""

    def sample(self, mean, log_var, noise):
        return mean if log_var is None else mean + log_var * noise


@mistake
class mean_decoded(_Base):
    """The VAE decodes its mean: it should decode a sample made with the noise."""

    def sample(self, mean, log_var, noise):
        return mean


@mistake
class ae_with_noise(_Base):
    """The plain autoencoder adds noise to its code: only the VAE samples."""

    def sample(self, mean, log_var, noise):
        return mean + noise if log_var is None else super().sample(mean, log_var, noise)


@mistake
class ae_with_log_var(_Base):
    """The plain autoencoder returns a log-variance: it has none, return None."""

    def encode(self, x):
        mean, log_var = super().encode(x)
        return mean, torch.zeros_like(mean) if log_var is None else log_var

    def sample(self, mean, log_var, noise):
        return mean if self.kind == "ae" else super().sample(mean, log_var, noise)


@mistake
class tanh(_Base):
    """The hidden layers end in tanh; ReLU is asked for."""

    def encode(self, x):
        hidden = self.hidden(x).tanh()
        return self.mean(hidden), self.log_var(hidden) if self.kind == "vae" else None

    def decode(self, z):
        return self.out(self.up(z).tanh())


@mistake(raises=True)
class extra_layer(_Base):
    """There is a further layer between hidden layer and code: the docstring lists all there are."""

    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__(kind, pixels, hidden_size, latent_dim)
        self.between = nn.Linear(hidden_size, hidden_size)

    def encode(self, x):
        hidden = F.relu(self.between(F.relu(self.hidden(x))))
        return self.mean(hidden), self.log_var(hidden) if self.kind == "vae" else None


@mistake(raises=True)
class no_bias(_Base):
    """The layers have no bias: each `nn.Linear` has one unless it is told otherwise."""

    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__(kind, pixels, hidden_size, latent_dim)
        for layer in (self.hidden, self.mean, self.up, self.out):
            layer.bias = None


@mistake(raises=True)
class fixed_widths(_Base):
    """The widths are written into the class: it should use the ones it is given."""

    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__(kind)


@mistake
class code_detached(_Base):
    """The code is detached before it is decoded: no gradient reaches the encoder."""

    def sample(self, mean, log_var, noise):
        return super().sample(mean, log_var, noise).detach()


@mutant
class dropout(_Base):
    def decode(self, z):
        return self.out(F.dropout(F.relu(self.up(z)), 0.1, self.training))


@mutant
class noise_of_first_image(_Base):
    def sample(self, mean, log_var, noise):
        return super().sample(mean, log_var, noise[:1].expand_as(noise))


@mutant
class log_var_clamped(_Base):
    def encode(self, x):
        mean, log_var = super().encode(x)
        return mean, None if log_var is None else log_var.clamp(-1, 1)


@mutant
class logits_clamped(_Base):
    def decode(self, z):
        return super().decode(z).clamp(-2, 2)


@mistake
class posterior_clamped(_Base):
    """You clamp the log-variance. Nothing follows that layer: it is used as it is."""

    def encode(self, x):
        mean, log_var = super().encode(x)
        return mean, None if log_var is None else log_var.clamp(-10, 2)


@mutant
class log_var_clamped_widely(_Base):
    # A range that only very narrow posteriors leave.
    def encode(self, x):
        mean, log_var = super().encode(x)
        return mean, None if log_var is None else log_var.clamp(-30, 30)
