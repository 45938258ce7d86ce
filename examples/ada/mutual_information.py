def estimate_mutual_information(
    x: Tensor,
    z: Tensor,
    *,
    estimator: str = "mine",
    steps: int = 1000,
    batch_size: int = 1024,
    hidden: int = 128,
    seed: int = 0,
    history: list[float] | None = None,
) -> float:
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}: mine, nwj, info_nce or smile")
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    train, held_out = split_halves(x, z, generator)
    critic = Critic(x.shape[1], z.shape[1], hidden)
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    ema = None
    for _ in range(steps):
        batch = torch.randint(len(train[0]), (batch_size,), generator=generator)
        pairs = train[0][batch], train[1][batch]
        loss, ema, bound = _critic_loss(critic, estimator, *pairs, ema, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if history is not None:
            history.append(bound.item())
    with torch.no_grad():
        return _read_bound(critic, estimator, *held_out, batch_size, generator)
