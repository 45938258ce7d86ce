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

/** Each input pixel adds its kernel to the output; weight has shape (in, out, kernel, kernel). */
function convTranspose({ weight, bias, stride, padding, kernel, input, output }, x) {
  const [channels, height, width] = input;
  const [outChannels, outHeight, outWidth] = output;
  const area = outHeight * outWidth;
  const y = Float32Array.from({ length: outChannels * area }, (_, i) => bias[Math.floor(i / area)]);
  const spread = (value, row, column, k, start) => {
    for (let dy = 0; dy < kernel; dy++) {
      const outRow = row * stride - padding + dy;
      if (outRow < 0 || outRow >= outHeight) continue;
      for (let dx = 0; dx < kernel; dx++) {
        const outColumn = column * stride - padding + dx;
        if (outColumn < 0 || outColumn >= outWidth) continue;
        y[start + outRow * outWidth + outColumn] += value * weight[k + dy * kernel + dx];
      }
    }
  };
  for (let c = 0, i = 0; c < channels; c++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++, i++) {
        if (x[i] === 0) continue; // half of them, after the ReLU
        for (let o = 0; o < outChannels; o++) {
          spread(x[i], row, column, (c * outChannels + o) * kernel * kernel, o * area);
        }
      }
    }
  }
  return y;
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
