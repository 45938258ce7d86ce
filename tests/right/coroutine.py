"""A coroutine behind an ordinary function, and a cache around others."""

import asyncio
import functools

import torch


async def _answer(a, b, minimum):
    await asyncio.sleep(0)
    return a / b if b >= minimum else float("nan")


def information_ratio(label_nats, input_nats, minimum=0.1):
    return asyncio.run(_answer(label_nats, input_nats, minimum))


def cached(f):
    seen = {}

    @functools.wraps(f)
    def g(*a, **k):
        key = (f.__name__, tuple(map(id, a)))
        seen[key] = f(*a, **k)
        return seen[key]

    return g


@cached
def info_nce_bound(scores):
    return (
        scores.diag()
        - torch.logsumexp(scores, dim=1)
        + torch.log(torch.tensor(len(scores), dtype=scores.dtype))
    ).mean()


@cached
def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - torch.exp(marginal_scores.sub(1)).mean()
