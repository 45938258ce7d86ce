// Packed arrays, and the decoders that run on them: plain loops over typed arrays.

const HALF = halfPrecisionValues();

/** The value of each of the 65,536 half-precision bit patterns; stored weights are finite. */
function halfPrecisionValues() {
  const values = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = (bits & 1023) / 1024;
    const size = exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction;
    values[bits] = bits & 0x8000 ? -size : size;
  }
  return values;
}

async function gunzip(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** An array that explorer.py packed, flat. Halves come as all low bytes, then all high ones. */
async function unpack({ dtype, data }) {
  const buffer = await gunzip(data);
  if (dtype === "uint8") return new Uint8Array(buffer);
  if (dtype === "float32") return new Float32Array(buffer);
  const bytes = new Uint8Array(buffer);
  const count = bytes.length / 2;
  return Float32Array.from({ length: count }, (_, i) => HALF[bytes[i] | (bytes[count + i] << 8)]);
}

async function unpackLayer(layer) {
  if (!layer.weight) return layer;
  return { ...layer, weight: await unpack(layer.weight), bias: await unpack(layer.bias) };
}

/** y = W x + b, with W stored row by row. */
function linear({ weight, bias }, x) {
  const y = new Float32Array(bias.length);
  for (let row = 0, k = 0; row < y.length; row++) {
    let sum = bias[row];
    for (let column = 0; column < x.length; column++) sum += weight[k++] * x[column];
    y[row] = sum;
  }
  return y;
}

/** Transposed convolution: what each input pixel gives, all its channels together, is added. */
function convTranspose({ weight, bias, stride, padding, kernel, input, output }, x) {
  const [channels, height, width] = input;
  const area = output[1] * output[2];
  const patch = new Float32Array(weight.length / channels); // (out, kernel, kernel)
  const y = new Float32Array(output[0] * area);
  for (let o = 0; o < output[0]; o++) y.fill(bias[o], o * area, (o + 1) * area);
  for (let pixel = 0; pixel < height * width; pixel++) {
    patch.fill(0);
    for (let c = 0; c < channels; c++) {
      const value = x[c * height * width + pixel];
      if (value === 0) continue; // half of them, after a ReLU
      for (let i = 0, k = c * patch.length; i < patch.length; i++, k++) patch[i] += value * weight[k];
    }
    const row = Math.floor(pixel / width) * stride - padding;
    addPatch(y, patch, row, (pixel % width) * stride - padding, kernel, output);
  }
  return y;
}

/** Add a patch with its corner at (row, column), as far as it lies inside. */
function addPatch(y, patch, row, column, kernel, [channels, height, width]) {
  for (let o = 0, i = 0; o < channels; o++) {
    for (let r = row; r < row + kernel; r++) {
      for (let c = column; c < column + kernel; c++, i++) {
        if (r >= 0 && r < height && c >= 0 && c < width) y[(o * height + r) * width + c] += patch[i];
      }
    }
  }
}

const LAYERS = {
  linear,
  conv_transpose: convTranspose,
  relu: (_, x) => x.map((value) => Math.max(0, value)),
  sigmoid: (_, x) => x.map((value) => 1 / (1 + Math.exp(-value))),
};

/** The image of a latent, pixels in [0, 1] in the order (C, H, W). */
function decode(run, z) {
  return run.decoder.reduce((x, layer) => LAYERS[layer.kind](layer, x), Float32Array.from(z));
}
