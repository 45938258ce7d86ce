print("loading", torch.load("spectrum.pt"))
