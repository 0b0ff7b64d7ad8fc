"""Stable Diffusion 1.4's denoiser and picture decoder out of plain PyTorch modules.

They are the peer that this project's own networks are timed against, so they are written the way a
careful PyTorch user writes them: fused scaled dot product attention, `F.group_norm` and `F.silu`,
memory format left to the caller (`channels_last` is the fast one on tensor cores).  Parameters have
diffusers' names, so a checkpoint of that layout loads with `load_state_dict`.

    python3 sd14_torch.py FIXTURE.safetensors...

compares both networks with fixtures computed by diffusers 0.17.0 (those that the Java networks are
tested with, in f2d-model/src/test/resources/goldens: unet*.safetensors and vae*.safetensors).
"""

import json
import math
import pathlib
import struct
import sys

import torch
import torch.nn.functional as F
from torch import nn

SD14_UNET = {
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": [320, 640, 1280, 1280],
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    "layers_per_block": 2,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
    "norm_num_groups": 32,
    "norm_eps": 1e-5,
}
SD14_UNET_PARAMETERS = 859_520_964

SD14_VAE = {
    "latent_channels": 4,
    "out_channels": 3,
    "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2,
    "norm_num_groups": 32,
}
SD14_VAE_DECODER_PARAMETERS = 49_490_199


def timestep_embedding(timesteps, channels):
    """[n] -> [n, channels]: cosines, then sines, in float32 (Vaswani et al. 2017, section 3.5)."""
    half = channels // 2
    exponents = torch.arange(half, dtype=torch.float32, device=timesteps.device) / half
    angles = timesteps.float()[:, None] * torch.exp(-math.log(10000.0) * exponents)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class ResnetBlock2D(nn.Module):
    def __init__(self, channels_in, channels_out, time_channels, groups, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, channels_in, eps)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        if time_channels:
            self.time_emb_proj = nn.Linear(time_channels, channels_out)
        self.norm2 = nn.GroupNorm(groups, channels_out, eps)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        if channels_in != channels_out:
            self.conv_shortcut = nn.Conv2d(channels_in, channels_out, 1)
        self.has_shortcut = channels_in != channels_out

    def forward(self, x, time=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if time is not None:
            h = h + self.time_emb_proj(F.silu(time))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.conv_shortcut(x) if self.has_shortcut else x)


class Attention(nn.Module):
    """x [n, s, channels], context [n, t, context_channels] -> [n, s, channels]"""

    def __init__(self, channels, context_channels, heads, bias=False):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels, bias=bias)
        self.to_k = nn.Linear(context_channels, channels, bias=bias)
        self.to_v = nn.Linear(context_channels, channels, bias=bias)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x, context=None):
        context = x if context is None else context
        q, k, v = (
            y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for y in (self.to_q(x), self.to_k(context), self.to_v(context))
        )
        y = F.scaled_dot_product_attention(q, k, v)
        return self.to_out[0](y.transpose(1, 2).flatten(2))


class GEGLU(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.proj = nn.Linear(channels, 2 * inner)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, channels):
        super().__init__()
        # Index 1 is diffusers' dropout, which holds no parameters.
        self.net = nn.ModuleList(
            [GEGLU(channels, 4 * channels), nn.Identity(), nn.Linear(4 * channels, channels)]
        )

    def forward(self, x):
        return self.net[2](self.net[0](x))


class BasicTransformerBlock(nn.Module):
    def __init__(self, channels, context_channels, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = Attention(channels, channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = Attention(channels, context_channels, heads)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(self, x, context):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class Transformer2DModel(nn.Module):
    def __init__(self, channels, context_channels, heads, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, 1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            [BasicTransformerBlock(channels, context_channels, heads)]
        )
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x, context):
        n, c, height, width = x.shape
        # With channels last memory both permutations are views: pixels are tokens already.
        tokens = self.proj_in(self.norm(x)).permute(0, 2, 3, 1).reshape(n, height * width, c)
        tokens = self.transformer_blocks[0](tokens, context)
        return self.proj_out(tokens.view(n, height, width, c).permute(0, 3, 1, 2)) + x


class Downsample2D(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x):
        return self.conv(x)


class Upsample2D(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, size=None):
        """To twice the size, or to `size`, which only odd pictures need."""
        size = size or (2 * x.shape[2], 2 * x.shape[3])
        return self.conv(F.interpolate(x, size=size, mode="nearest"))


class UNetBlock(nn.Module):
    """The layers of one resolution; which of them there are follows from the arguments."""

    def __init__(self, resnets, attentions=(), downsampler=None, upsampler=None):
        super().__init__()
        self.resnets = nn.ModuleList(resnets)
        self.attentions = nn.ModuleList(attentions)
        self.downsamplers = nn.ModuleList([downsampler] if downsampler else [])
        self.upsamplers = nn.ModuleList([upsampler] if upsampler else [])

    def layer(self, index, x, time, context):
        x = self.resnets[index](x, time)
        return self.attentions[index](x, context) if self.attentions else x


class UNet2DConditionModel(nn.Module):
    """sample [n, 4, h, w], timestep [n], context [n, 77, 768] -> predicted noise [n, 4, h, w]"""

    def __init__(self, config):
        super().__init__()
        channels = config["block_out_channels"]
        groups, eps = config["norm_num_groups"], config["norm_eps"]
        layers, time_channels = config["layers_per_block"], 4 * channels[0]
        self.time_channels_in = channels[0]
        self.time_embedding = nn.ModuleDict(
            {
                "linear_1": nn.Linear(channels[0], time_channels),
                "linear_2": nn.Linear(time_channels, time_channels),
            }
        )
        self.conv_in = nn.Conv2d(config["in_channels"], channels[0], 3, padding=1)

        def resnet(channels_in, channels_out):
            return ResnetBlock2D(channels_in, channels_out, time_channels, groups, eps)

        def transformer(width):
            context, heads = config["cross_attention_dim"], config["attention_head_dim"]
            return Transformer2DModel(width, context, heads, groups)

        current, skips, last = channels[0], [channels[0]], len(channels) - 1
        self.down_blocks = nn.ModuleList()
        for i, (kind, width) in enumerate(zip(config["down_block_types"], channels)):
            widths_in = [current] + [width] * (layers - 1)
            skips += [width] * (layers + (i < last))
            self.down_blocks.append(
                UNetBlock(
                    [resnet(w, width) for w in widths_in],
                    [transformer(width) for _ in widths_in] if "CrossAttn" in kind else [],
                    downsampler=Downsample2D(width) if i < last else None,
                )
            )
            current = width
        self.mid_block = UNetBlock(
            [resnet(current, current) for _ in range(2)], [transformer(current)]
        )
        self.up_blocks = nn.ModuleList()
        for i, (kind, width) in enumerate(zip(config["up_block_types"], reversed(channels))):
            widths_in = [w + skips.pop() for w in [current] + [width] * layers]
            self.up_blocks.append(
                UNetBlock(
                    [resnet(w, width) for w in widths_in],
                    [transformer(width) for _ in widths_in] if "CrossAttn" in kind else [],
                    upsampler=Upsample2D(width) if i < last else None,
                )
            )
            current = width
        self.conv_norm_out = nn.GroupNorm(groups, channels[0], eps)
        self.conv_out = nn.Conv2d(channels[0], config["out_channels"], 3, padding=1)

    def forward(self, sample, timestep, context):
        time = timestep_embedding(timestep, self.time_channels_in).to(sample.dtype)
        time = self.time_embedding["linear_1"](time)
        time = self.time_embedding["linear_2"](F.silu(time))
        x = self.conv_in(sample)
        skips = [x]
        for block in self.down_blocks:
            for i in range(len(block.resnets)):
                x = block.layer(i, x, time, context)
                skips.append(x)
            for downsampler in block.downsamplers:
                x = downsampler(x)
                skips.append(x)
        mid = self.mid_block
        x = mid.resnets[0](x, time)
        x = mid.resnets[1](mid.attentions[0](x, context), time)
        for block in self.up_blocks:
            for i in range(len(block.resnets)):
                x = block.layer(i, torch.cat([x, skips.pop()], dim=1), time, context)
            for upsampler in block.upsamplers:
                x = upsampler(x, tuple(skips[-1].shape[2:]))
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class VaeAttention(Attention):
    def __init__(self, channels, groups):
        super().__init__(channels, channels, heads=1, bias=True)
        self.group_norm = nn.GroupNorm(groups, channels, 1e-6)

    def forward(self, x):
        n, c, height, width = x.shape
        tokens = self.group_norm(x).permute(0, 2, 3, 1).reshape(n, height * width, c)
        return x + super().forward(tokens).view(n, height, width, c).permute(0, 3, 1, 2)


class VaeDecoder(nn.Module):
    """latents [n, 4, h, w], already divided by 0.18215 -> picture [n, 3, 8h, 8w]"""

    def __init__(self, config):
        super().__init__()
        channels, groups = config["block_out_channels"], config["norm_num_groups"]
        latent, current = config["latent_channels"], channels[-1]

        def resnet(channels_in, channels_out):
            return ResnetBlock2D(channels_in, channels_out, 0, groups, 1e-6)

        self.post_quant_conv = nn.Conv2d(latent, latent, 1)
        decoder = {
            "conv_in": nn.Conv2d(latent, current, 3, padding=1),
            "mid_block": UNetBlock(
                [resnet(current, current) for _ in range(2)], [VaeAttention(current, groups)]
            ),
            "up_blocks": nn.ModuleList(),
            "conv_norm_out": nn.GroupNorm(groups, channels[0], 1e-6),
            "conv_out": nn.Conv2d(channels[0], config["out_channels"], 3, padding=1),
        }
        for i, width in enumerate(reversed(channels)):
            widths_in = [current] + [width] * config["layers_per_block"]
            upsampler = Upsample2D(width) if i < len(channels) - 1 else None
            decoder["up_blocks"].append(
                UNetBlock([resnet(w, width) for w in widths_in], upsampler=upsampler)
            )
            current = width
        self.decoder = nn.ModuleDict(decoder)

    def forward(self, latents):
        x = self.decoder["conv_in"](self.post_quant_conv(latents))
        mid = self.decoder["mid_block"]
        x = mid.resnets[1](mid.attentions[0](mid.resnets[0](x)))
        for block in self.decoder["up_blocks"]:
            for resnet in block.resnets:
                x = resnet(x)
            for upsampler in block.upsamplers:
                x = upsampler(x)
        return self.decoder["conv_out"](F.silu(self.decoder["conv_norm_out"](x)))


def build(network, config, parameters, device, dtype, seed=0):
    """The network with seeded random weights, channels last, ready for inference.

    `parameters` is the expected count, or None for a configuration of no special standing.
    Weights are PyTorch's own initialisation: it keeps activations of order one through the whole
    network, so that float16 neither overflows nor runs on zeros, which would be faster than life.
    """
    torch.manual_seed(seed)
    with torch.device(device):
        model = network(config)
    count = sum(p.numel() for p in model.parameters())
    if parameters is not None and count != parameters:
        raise AssertionError(f"{network.__name__} has {count} parameters, expected {parameters}")
    model = model.to(dtype=dtype, memory_format=torch.channels_last)
    return model.eval().requires_grad_(False)


def read_safetensors(path):
    """(tensors by name, metadata); float32 and float16 files, which is all the fixtures hold."""
    data = bytearray(pathlib.Path(path).read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        dtype = {"F32": torch.float32, "F16": torch.float16}[entry["dtype"]]
        count = math.prod(entry["shape"])
        flat = torch.frombuffer(
            data, dtype=dtype, count=count, offset=8 + length + entry["data_offsets"][0]
        )
        tensors[name] = flat.float().reshape(entry["shape"])
    return tensors, metadata


def unet_cases(config, tensors):
    for case in config["cases"]:
        rows = slice(0, 1) if case["sample"].endswith("[0:1]") else slice(None)
        sample, context = (
            tensors[case[name].removesuffix("[0:1]")][rows]
            for name in ("sample", "encoder_hidden_states")
        )
        timestep = torch.tensor(case["timestep"]).expand(len(sample))
        yield tensors[case["out"]], (sample, timestep, context)


def vae_cases(tensors):
    for name in sorted(tensors):
        if name.startswith("in.latent"):
            yield tensors[name.replace("in.latent", "out.decoded")], (tensors[name],)


def check(path):
    """Prints, and returns, the largest error of any case in the fixture, relative to its output."""
    tensors, metadata = read_safetensors(path)
    config = json.loads(metadata["config"])
    for shard in sorted(path.parent.glob(path.stem + "-0*.safetensors")):
        tensors.update(read_safetensors(shard)[0])
    kind = "unet" if "unet" in config else "vae"
    network = UNet2DConditionModel if kind == "unet" else VaeDecoder
    model = network(config[kind]).eval()
    old_names = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
    weights = {}
    for name, tensor in tensors.items():
        parts = [old_names.get(part, part) for part in name.split(".")]
        weights[".".join(parts)] = tensor
    missing = set(model.state_dict()) - set(weights)
    if missing:
        raise KeyError(f"{path}: no weights for {sorted(missing)[:3]}")
    model.load_state_dict({name: weights[name] for name in model.state_dict()})
    worst, cases = 0.0, list(unet_cases(config, tensors) if kind == "unet" else vae_cases(tensors))
    if not cases:
        raise ValueError(f"{path}: no case that these networks can run")
    with torch.inference_mode():
        for expected, inputs in cases:
            error = float((model(*inputs) - expected).norm() / expected.norm())
            worst = max(worst, error if math.isfinite(error) else math.inf)
    print(f"{path.name}: {len(cases)} cases, largest relative error {worst:.1e}")
    return worst


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not max(check(pathlib.Path(name)) for name in sys.argv[1:]) < 1e-4:
        sys.exit("the networks differ from the fixtures")
