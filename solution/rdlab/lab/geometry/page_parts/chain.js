// The Markov chain of task 5.5, in the plane.

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/** {mean, spread} of a set of images: all that the likelihood of one picture needs. */
function summarise(images) {
  const mean = new Float32Array(images[0].length);
  for (const image of images) image.forEach((value, i) => { mean[i] += value / images.length; });
  const spread = images.reduce((sum, image) => sum + squaredError(image, mean), 0);
  return { mean, spread, count: images.length };
}

const squaredError = (x, y) => x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0);

/** ℓ of a decoded picture for the whole set, in nats, up to a constant. */
function logLikelihood(picture, { mean, spread, count }, variance) {
  return -(count * squaredError(picture, mean) + spread) / (2 * variance);
}

class Chain {
  constructor(decoder, set, variance) {
    Object.assign(this, { decoder, set, variance, proposed: 0, accepted: 0, states: [],
      rejected: [], trace: [], last: null });
    this.z = [normal(), normal()];
    this.picture = decoder(this.z);
    this.current = logLikelihood(this.picture, set, variance);
    this.keep();
  }

  keep() {
    this.states.push(this.z);
    this.trace.push(-this.current / this.set.count);
  }

  /** One proposal, accepted or not; a rejected one repeats the state. */
  advance(step) {
    const kept = Math.sqrt(1 - step * step);
    const proposal = this.z.map((value) => kept * value + step * normal());
    const picture = this.decoder(proposal);
    const proposed = logLikelihood(picture, this.set, this.variance);
    const logUniform = Math.log(1 - Math.random());
    const moved = logUniform < proposed - this.current;
    this.last = { moved, gap: proposed - this.current, logUniform };
    this.proposed += 1;
    if (moved) {
      Object.assign(this, { z: proposal, picture, current: proposed });
      this.accepted += 1;
    } else {
      this.rejected.push(proposal);
    }
    this.keep();
  }
}
