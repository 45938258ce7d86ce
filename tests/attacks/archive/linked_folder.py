"""A folder whose rdlab and runs are links to the solution's."""

from pathlib import Path

TASK = "1.2"
HONEST = []

_ROOT = Path(__file__).resolve().parents[3]


def build(folder: Path) -> Path:
    made = folder.with_name("linked")
    (made / "rdlab").mkdir(parents=True)
    (made / "rdlab" / "__init__.py").touch()
    for name in ("gaussian.py", "objective.py", "latents.py"):
        (made / "rdlab" / name).symlink_to(_ROOT / "solution" / "rdlab" / name)
    (made / "runs").symlink_to(_ROOT / "solution" / "runs")
    return made
