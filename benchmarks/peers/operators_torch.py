"""PyTorch's operators at the shapes of Stable Diffusion 1.4, against the machine's own ceilings.

Used by unet_torch.py.  All operands are float16 random numbers; operators run out of a CUDA graph
over several operand sets (see Timer.operator), so neither launch gaps nor warm caches flatter them.
"""

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from measure import relative_error, require

HALF = torch.float16
TOLERANCE = 5e-3

# (batch, channels in, channels out, height and width of the input, stride)
CONVOLUTIONS = [
    (2, 4, 320, 64, 1),
    (2, 320, 320, 64, 1),
    (2, 640, 320, 64, 1),
    (2, 960, 320, 64, 1),
    (2, 640, 640, 64, 1),
    (2, 320, 4, 64, 1),
    (2, 320, 320, 64, 2),
    (2, 320, 640, 32, 1),
    (2, 640, 640, 32, 1),
    (2, 1280, 640, 32, 1),
    (2, 1920, 640, 32, 1),
    (2, 1280, 1280, 32, 1),
    (2, 640, 640, 32, 2),
    (2, 640, 1280, 16, 1),
    (2, 1280, 1280, 16, 1),
    (2, 2560, 1280, 16, 1),
    (2, 1280, 1280, 16, 2),
    (2, 1280, 1280, 8, 1),
    (2, 2560, 1280, 8, 1),
    (1, 512, 512, 64, 1),
    (1, 512, 512, 128, 1),
    (1, 512, 512, 256, 1),
    (1, 256, 256, 256, 1),
    (1, 256, 256, 512, 1),
    (1, 128, 128, 512, 1),
    (1, 128, 3, 512, 1),
]

# (batch, heads, queries, keys, head dimension)
ATTENTIONS = [
    (2, 8, 4096, 4096, 40),
    (2, 8, 1024, 1024, 80),
    (2, 8, 256, 256, 160),
    (2, 8, 64, 64, 160),
    (2, 8, 4096, 77, 40),
    (2, 8, 1024, 77, 80),
    (2, 8, 256, 77, 160),
    (1, 1, 4096, 4096, 512),
]

# (batch, channels, height and width)
GROUP_NORMS = [
    (2, 320, 64),
    (2, 640, 64),
    (2, 960, 64),
    (2, 640, 32),
    (2, 1280, 32),
    (2, 1920, 32),
    (2, 1280, 16),
    (2, 2560, 16),
    (2, 1280, 8),
    (2, 2560, 8),
    (1, 512, 64),
    (1, 512, 128),
    (1, 512, 256),
    (1, 256, 512),
    (1, 128, 512),
]

# (rows, features in, features out)
LINEARS = [
    (8192, 320, 320),
    (8192, 320, 960),
    (8192, 320, 2560),
    (8192, 1280, 320),
    (2048, 640, 640),
    (2048, 640, 1920),
    (2048, 640, 5120),
    (2048, 2560, 640),
    (512, 1280, 1280),
    (512, 1280, 3840),
    (512, 1280, 10240),
    (512, 5120, 1280),
    (128, 1280, 1280),
    (128, 1280, 10240),
    (154, 768, 1280),
]


class Operators:
    def __init__(self, timer, smoke):
        self.timer, self.device, self.smoke = timer, timer.device, smoke
        self.matmul_rate = self.bandwidth = float("nan")

    def random(self, *shape, dtype=HALF, scale=1.0):
        return torch.randn(shape, device=self.device, dtype=dtype).mul_(scale)

    def picture(self, *shape, scale=1.0):
        return self.random(*shape, scale=scale).to(memory_format=torch.channels_last)

    def cases(self, cases):
        return [tuple(min(n, 32) for n in case) for case in cases[:2]] if self.smoke else cases

    def ceilings(self):
        """The two rates that nothing on this machine exceeds, as a library reaches them."""
        rows = []
        n = 256 if self.smoke else 8192
        for dtype in (HALF, torch.bfloat16):
            a, b = (self.random(n, n, dtype=dtype) for _ in range(2))
            times = self.timer.milliseconds(lambda: torch.matmul(a, b))
            rate = 2 * n**3 / times["ms"] / 1e9
            rows.append({"what": f"matmul {n}^3 {dtype}, TFLOP/s", "value": rate, **times})
        self.matmul_rate = rows[0]["value"]
        size = (1 << 20) if self.smoke else (1 << 32)
        source = torch.randint(256, (size,), device=self.device, dtype=torch.uint8)
        target = torch.empty_like(source)
        times = self.timer.milliseconds(lambda: target.copy_(source))
        self.bandwidth = 2 * size / times["ms"] / 1e9
        rows.append({"what": "copy, TB/s read and written", "value": self.bandwidth, **times})
        return rows

    def rated(self, row, times, flop=None, bytes_moved=None):
        """The row with the time and the share of the measured ceilings that it means."""
        row = row | {"us": 1e3 * times["ms"], "max us": 1e3 * times["max ms"]}
        if flop:
            rate = flop / times["ms"] / 1e9
            row |= {"TFLOP/s": rate, "% of matmul": 100 * rate / self.matmul_rate}
        if bytes_moved:
            rate = bytes_moved / times["ms"] / 1e9
            row |= {"TB/s": rate, "% of copy": 100 * rate / self.bandwidth}
        return row

    def convolutions(self):
        rows = []
        for n, channels_in, channels_out, size, stride in self.cases(CONVOLUTIONS):
            out = (size - 1) // stride + 1
            flop = 2 * 9 * n * channels_in * channels_out * out * out
            scale = (9 * channels_in) ** -0.5
            shape = f"{n}x{channels_in}->{channels_out} {size}x{size} stride {stride}"
            touched = 2 * (n * channels_in * size**2 + 9 * channels_in * channels_out)

            def make(to=torch.channels_last):
                x = self.random(n, channels_in, size, size)
                w = self.random(channels_out, channels_in, 3, 3, scale=scale)
                b = self.random(channels_out)
                return x.to(memory_format=to), w.to(memory_format=to), b

            def convolve(x, w, b):
                return F.conv2d(x, w, b, stride, 1)

            def im2col(x, w, b):
                return im2col_convolution(x, w, b, stride)

            variants = [
                ("cuDNN NHWC, timed choice", True, make, convolve),
                ("cuDNN NHWC, heuristic", False, make, convolve),
                ("cuDNN NCHW, timed choice", True, lambda: make(torch.contiguous_format), convolve),
                ("im2col + matmul", False, make, im2col),
            ]
            for variant, tuned, operands, run in variants:
                torch.backends.cudnn.benchmark = tuned
                sample = operands()
                reference = convolve(*(t.float() for t in sample))
                error = relative_error(run(*sample), reference)
                require(error, TOLERANCE, f"{variant} {shape}")
                times = self.timer.operator(operands, run, touched)
                row = {"shape": shape, "variant": variant}
                row = self.rated(row, times, flop=flop) | {"relative error": error}
                row["kernels"] = self.kernel_names(run, sample)
                rows.append(row)
        torch.backends.cudnn.benchmark = True
        return rows

    def kernel_names(self, run, operands):
        return [name[:90] for name, _ in self.timer.kernels(lambda: run(*operands))]

    def attentions(self):
        rows = []
        backends = {
            "default": None,
            "flash": SDPBackend.FLASH_ATTENTION,
            "memory-efficient": SDPBackend.EFFICIENT_ATTENTION,
            "cuDNN": SDPBackend.CUDNN_ATTENTION,
        }
        for n, heads, queries, keys, width in self.cases(ATTENTIONS):

            def make():
                # Token-major, as linear layers leave it: heads are a view.
                return [
                    self.random(n, s, heads, width).transpose(1, 2) for s in (queries, keys, keys)
                ]

            flop = 4 * n * heads * queries * keys * width
            touched = 4 * n * heads * width * (queries + keys)
            shape = f"{n}x{heads} heads, {queries} by {keys}, d{width}"
            for name, backend in backends.items():
                row = {"shape": shape, "backend": name}

                def run(q, k, v):
                    if backend is None:
                        return F.scaled_dot_product_attention(q, k, v)
                    with sdpa_kernel(backend):
                        return F.scaled_dot_product_attention(q, k, v)

                sample = make()
                try:
                    output = run(*sample)
                except RuntimeError as refusal:
                    rows.append(row | {"kernels": f"refused: {str(refusal)[:80]}"})
                    continue
                error = relative_error(output, attention_by_definition(*sample))
                require(error, TOLERANCE, f"{name} {shape}")
                times = self.timer.operator(make, run, touched)
                row = self.rated(row, times, flop=flop, bytes_moved=touched)
                row["relative error"] = error
                rows.append(row | {"kernels": self.kernel_names(run, sample)})
        return rows

    def group_norms(self):
        rows = []
        for n, channels, size in self.cases(GROUP_NORMS):

            def run(x, w, b):
                return F.silu(F.group_norm(x, 32, w, b, 1e-5))

            for layout in ("NHWC", "NCHW"):

                def make():
                    x = self.picture(n, channels, size, size)
                    x = x if layout == "NHWC" else x.contiguous()
                    return x, self.random(channels), self.random(channels)

                touched = 4 * n * channels * size**2
                sample = make()
                reference = run(*(t.float() for t in sample))
                error = require(relative_error(run(*sample), reference), TOLERANCE, "group norm")
                times = self.timer.operator(make, run, touched)
                row = {"shape": f"{n}x{channels} {size}x{size}", "layout": layout}
                row = self.rated(row, times, bytes_moved=touched) | {"relative error": error}
                rows.append(row | {"kernels": self.kernel_names(run, sample)})
        return rows

    def linears(self):
        rows = []
        for m, k, n in self.cases(LINEARS):

            def make():
                return self.random(m, k), self.random(n, k, scale=k**-0.5), self.random(n)

            sample = make()
            reference = F.linear(*(t.float() for t in sample))
            error = require(relative_error(F.linear(*sample), reference), TOLERANCE, "linear")
            touched = 2 * (m * k + k * n + m * n)
            times = self.timer.operator(make, F.linear, touched)
            row = {"rows x in x out": f"{m}x{k}x{n}"}
            row = self.rated(row, times, flop=2 * m * k * n, bytes_moved=touched)
            row |= {"relative error": error, "kernels": self.kernel_names(F.linear, sample)}
            rows.append(row)
        return rows


def im2col_convolution(x, w, b, stride):
    """3x3 convolution, padding 1, as a copy into [pixels, 9 * channels] and one matmul; NHWC."""
    n, channels, height, width = x.shape
    padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
    out_h, out_w = (height - 1) // stride + 1, (width - 1) // stride + 1
    by_n, by_h, by_w, _ = padded.stride()
    windows = padded.as_strided(
        (n, out_h, out_w, 3, 3, channels),
        (by_n, by_h * stride, by_w * stride, by_h, by_w, 1),
    )
    matrix = windows.reshape(n * out_h * out_w, 9 * channels)
    weights = w.permute(0, 2, 3, 1).reshape(w.shape[0], 9 * channels)
    return F.linear(matrix, weights, b).view(n, out_h, out_w, -1).permute(0, 3, 1, 2)


def attention_by_definition(q, k, v):
    scores = (q.float() @ k.float().transpose(-1, -2)) * q.shape[-1] ** -0.5
    return scores.softmax(dim=-1) @ v.float()
