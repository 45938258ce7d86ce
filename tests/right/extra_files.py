"""Split over a package of the student's own, with other helper names and a module per formula."""

from pathlib import Path

FILES = {
    "rdlab/maths/__init__.py": "from .divergences import kl_std_normal\n",
    "rdlab/maths/divergences.py": """
from ..constants import HALF
def kl_std_normal(mu, logvar):
    return -HALF * (1 + logvar - mu.pow(2) - logvar.exp())
""",
    "rdlab/maths/sampling.py": """
from rdlab.constants import HALF
def draw(mu, logvar, eps):
    std = (HALF * logvar).exp()
    return eps.mul(std).add(mu)
""",
    "rdlab/constants.py": "HALF = 0.5\n",
}


def build(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def gaussian_kl(mean, log_var):
    from rdlab import maths

    return maths.kl_std_normal(mean, log_var)


def reparameterize(mean, log_var, noise):
    from rdlab.maths.sampling import draw

    return draw(mean, log_var, noise)
