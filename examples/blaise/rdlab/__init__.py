"""rdlab: variational autoencoders, rate-distortion and mutual information."""
