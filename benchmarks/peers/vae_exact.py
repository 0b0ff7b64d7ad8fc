#!/usr/bin/env python3
"""Decodes a latent by Stable Diffusion 1.x's VAE in double precision, and tells how far others' are off.

    python3 vae_exact.py VAE_FOLDER LATENT RESULT...

VAE_FOLDER holds diffusion_pytorch_model.safetensors. LATENT is raw little-endian float32, [H,W,4];
each RESULT is the picture that a float32 library makes of it, [8H,8W,3] or [3,8H,8W]. The exact
picture is kept beside LATENT for the next time. Needs NumPy; 64 x 64 takes minutes on two cores.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np

TYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64}
GROUPS = 32
EPS = 1e-6
ROWS = 32  # of a picture that are convolved at a time
QUERIES = 512


class Weights:
    """A safetensors file, widened to float64."""

    def __init__(self, path):
        self.data = np.memmap(path, np.uint8, "r")
        (length,) = struct.unpack("<Q", self.data[:8].tobytes())
        self.header = json.loads(self.data[8 : 8 + length].tobytes())
        self.start = 8 + length

    def __contains__(self, key):
        return key in self.header

    def __getitem__(self, key):
        entry = self.header[key]
        first, last = entry["data_offsets"]
        data = self.data[self.start + first : self.start + last]
        return data.view(TYPES[entry["dtype"]]).astype(np.float64).reshape(entry["shape"])


class Decoder:
    def __init__(self, weights):
        self.w = weights

    def linear(self, key, x):
        return x @ self.w[key + ".weight"].T + self.w[key + ".bias"]

    def convolve(self, key, x):
        """x [H,W,I] by a 1x1 or 3x3 kernel, nine products of rows of pixels."""
        weight, bias = self.w[key + ".weight"], self.w[key + ".bias"]
        height, width, channels = x.shape
        if weight.shape[2] == 1:
            return x @ weight[:, :, 0, 0].T + bias
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        y = np.empty((height, width, weight.shape[0]))
        taps = [np.ascontiguousarray(weight[:, :, t // 3, t % 3].T) for t in range(9)]
        for first in range(0, height, ROWS):
            last = min(height, first + ROWS)
            total = bias
            for t, tap in enumerate(taps):
                rows = padded[first + t // 3 : last + t // 3, t % 3 : t % 3 + width]
                total = total + np.ascontiguousarray(rows).reshape(-1, channels) @ tap
            y[first:last] = total.reshape(last - first, width, -1)
        return y

    def group_norm(self, key, x):
        height, width, channels = x.shape
        g = x.reshape(height * width, GROUPS, channels // GROUPS)
        d = g - g.mean((0, 2), keepdims=True)
        n = d / np.sqrt((d * d).mean((0, 2), keepdims=True) + EPS)
        return n.reshape(x.shape) * self.w[key + ".weight"] + self.w[key + ".bias"]

    def normalized(self, key, x):
        n = self.group_norm(key, x)
        return n / (1 + np.exp(-n))

    def resnet(self, key, x):
        h = self.convolve(key + ".conv1", self.normalized(key + ".norm1", x))
        h = self.convolve(key + ".conv2", self.normalized(key + ".norm2", h))
        shortcut = key + ".conv_shortcut"
        return h + (self.convolve(shortcut, x) if shortcut + ".weight" in self.w else x)

    def attention(self, key, x):
        tokens = self.group_norm(key + ".group_norm", x).reshape(-1, x.shape[2])
        names = ("to_q", "to_k", "to_v", "to_out.0")
        if key + ".to_q.weight" not in self.w:
            names = ("query", "key", "value", "proj_attn")
        q, k, v = (self.linear(key + "." + n, tokens) for n in names[:3])
        out = np.empty_like(tokens)
        for i in range(0, len(tokens), QUERIES):
            scores = q[i : i + QUERIES] @ k.T / np.sqrt(x.shape[2])
            scores = np.exp(scores - scores.max(1, keepdims=True))
            out[i : i + QUERIES] = scores / scores.sum(1, keepdims=True) @ v
        return self.linear(key + "." + names[3], out).reshape(x.shape) + x

    def decode(self, z):
        h = self.convolve("decoder.conv_in", self.convolve("post_quant_conv", z))
        h = self.resnet("decoder.mid_block.resnets.0", h)
        h = self.attention("decoder.mid_block.attentions.0", h)
        h = self.resnet("decoder.mid_block.resnets.1", h)
        for level in range(4):
            block = f"decoder.up_blocks.{level}"
            for i in range(3):
                h = self.resnet(f"{block}.resnets.{i}", h)
            if level < 3:
                h = self.convolve(f"{block}.upsamplers.0.conv", h.repeat(2, 0).repeat(2, 1))
        return self.convolve("decoder.conv_out", self.normalized("decoder.conv_norm_out", h))


def main(folder, latent, *results):
    kept = Path(latent).with_suffix(".exact.f64")
    z = np.fromfile(latent, "<f4").astype(np.float64)
    side = round((len(z) / 4) ** 0.5)
    if kept.exists():
        exact = np.fromfile(kept).reshape(8 * side, 8 * side, 3)
    else:
        weights = Weights(Path(folder) / "diffusion_pytorch_model.safetensors")
        exact = Decoder(weights).decode(z.reshape(side, side, 4))
        exact.tofile(kept)
    for path in results:
        y = np.fromfile(path, "<f4").astype(np.float64)
        errors = []
        for form in (y.reshape(exact.shape), y.reshape(3, 8 * side, 8 * side).transpose(1, 2, 0)):
            d = form - exact
            errors.append((np.sqrt((d * d).sum() / (exact * exact).sum()), abs(d).max(), d.mean((0, 1))))
        relative, largest, mean = min(errors, key=lambda e: e[0])
        print(f"{path}: relative error {relative:.2e}, largest {largest:.2e}, mean by channel {mean}")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
