"""The lab of part 6: two latent layers, two prices. Given code.

`python -m rdlab hierarchy` trains, evaluates and draws; commands.py has its three actions. Heavy
modules are imported when a command runs.
"""


def add_parser(subparsers) -> None:
    """Add the command `hierarchy` to those of `python -m rdlab`."""
    from rdlab.lab.commands import sentence
    from rdlab.lab.hierarchy.commands import add_actions

    text = "train, evaluate and draw a grid of two-layer hierarchies (about 5 minutes)"
    add_actions(subparsers.add_parser("hierarchy", help=text, description=sentence(text)))
