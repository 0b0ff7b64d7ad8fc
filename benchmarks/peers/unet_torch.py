"""How fast PyTorch runs Stable Diffusion 1.4's networks on this machine's GPU.

    python3 unet_torch.py --out FOLDER [--seconds 540] [--tables NAME,...]

writes FOLDER/unet_torch.json and .md: one UNet step (batch 2, 64x64 latents, 77 text tokens) eager,
as a CUDA graph and compiled; one VAE decode to 512x512; and, beside the measured ceilings of matrix
rate and memory bandwidth, the operators that they consist of.  Weights and inputs are seeded random
numbers; every result is compared with float32 before its time is shown.  Times are medians.

`torch.compile` runs last, each mode in a process of its own with what is left of --seconds, so that
neither a failure nor a long compilation costs the other figures.  `--smoke` runs tiny sizes on the
CPU, to try the script itself.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter

import torch

import operators_torch
from measure import Report, Timer, machine_facts, relative_error, require
from sd14_torch import (
    SD14_UNET,
    SD14_UNET_PARAMETERS,
    SD14_VAE,
    SD14_VAE_DECODER_PARAMETERS,
    UNet2DConditionModel,
    VaeDecoder,
    build,
)

# Multiply-adds counted as two operations.
UNET_STEP_FLOP = 1.607e12
VAE_DECODE_FLOP = 2.515e12

# Against the same weights in float32 without TF32.
TOLERANCE = {"float32": 1e-5, "tf32": 1e-2, "float16": 2e-2, "bfloat16": 1e-1}

COMPILE_MODES = ("reduce-overhead", "max-autotune")


def allow_tf32(allowed):
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


class Subject:
    """One network with its input, in any type, and the float32 output that others must match."""

    def __init__(self, network, config, parameters, shapes, flop, device):
        self.network, self.config, self.parameters = network, config, parameters
        self.flop, self.device = flop, device
        generator = torch.Generator().manual_seed(1)
        self.inputs = [torch.randn(shape, generator=generator) for shape in shapes]
        allow_tf32(False)
        model = self.model(torch.float32)
        self.expected = model(*self.arguments(torch.float32)).clone()

    def model(self, dtype):
        return build(self.network, self.config, self.parameters, self.device, dtype)

    def arguments(self, dtype):
        placed = [x.to(self.device, dtype) for x in self.inputs]
        placed[0] = placed[0].contiguous(memory_format=torch.channels_last)
        if len(placed) == 1:
            return placed
        timestep = torch.full((len(placed[0]),), 500.0, device=self.device)
        return [placed[0], timestep, placed[1]]

    def row(self, variant, kind, output, times):
        error = require(relative_error(output, self.expected), TOLERANCE[kind], variant)
        row = {"variant": variant, **times, "relative error": error}
        return row | ({"TFLOP/s": self.flop / times["ms"] / 1e9} if self.flop else {})


def unet_subject(device, smoke):
    config, parameters, latent, flop = SD14_UNET, SD14_UNET_PARAMETERS, 64, UNET_STEP_FLOP
    if smoke:
        config = SD14_UNET | {"block_out_channels": [32, 32, 32, 32]}
        parameters, latent, flop = None, 8, None
    shapes = [(2, 4, latent, latent), (2, 77, config["cross_attention_dim"])]
    return Subject(UNet2DConditionModel, config, parameters, shapes, flop, device)


def vae_subject(device, smoke):
    config, parameters, latent, flop = SD14_VAE, SD14_VAE_DECODER_PARAMETERS, 64, VAE_DECODE_FLOP
    if smoke:
        config = SD14_VAE | {"block_out_channels": [32, 32, 32, 32]}
        parameters, latent, flop = None, 4, None
    return Subject(VaeDecoder, config, parameters, [(1, 4, latent, latent)], flop, device)


def uncompiled(subject, timer):
    """Rows for every type, eager and as a CUDA graph."""
    rows = []
    for kind, dtype in (
        ("float16", torch.float16),
        ("bfloat16", torch.bfloat16),
        ("tf32", torch.float32),
        ("float32", torch.float32),
    ):
        allow_tf32(kind == "tf32")
        model, arguments = subject.model(dtype), subject.arguments(dtype)
        times = timer.milliseconds(lambda: model(*arguments))
        rows.append(subject.row(f"{kind}, eager", kind, model(*arguments), times))
        replay, output = timer.graphed(lambda: model(*arguments))
        times = timer.milliseconds(replay)
        rows.append(subject.row(f"{kind}, CUDA graph", kind, output, times))
    allow_tf32(False)
    return rows


def kernel_rows(subject, timer, count=40):
    """Where the time of one eager float16 pass goes, by kernel name."""
    model, arguments = subject.model(torch.float16), subject.arguments(torch.float16)
    total, calls = Counter(), Counter()
    for name, microseconds in timer.kernels(lambda: model(*arguments)):
        total[name] += microseconds
        calls[name] += 1
    whole = sum(total.values())
    rows = [{"kernel": "all", "calls": sum(calls.values()), "us": float(whole), "share %": 100.0}]
    for name, microseconds in total.most_common(count):
        share = 100 * microseconds / whole
        name_row = {"kernel": name[:110], "calls": calls[name]}
        rows.append(name_row | {"us": float(microseconds), "share %": share})
    return rows


def compiled(subject, timer, mode, smoke):
    """Row of one torch.compile mode; both of these modes record CUDA graphs."""
    if not smoke:
        import torch._inductor.config as inductor

        # What diffusers' guide to fast Stable Diffusion recommends for channels last networks.
        inductor.conv_1x1_as_mm = True
    options = {"backend": "eager"} if smoke else {"mode": mode}
    model = torch.compile(subject.model(torch.float16), fullgraph=True, **options)
    arguments = subject.arguments(torch.float16)

    def step():
        torch.compiler.cudagraph_mark_step_begin()
        return model(*arguments)

    start = time.monotonic()
    for _ in range(3):
        step()
    if timer.on_gpu:
        torch.cuda.synchronize()
    seconds = time.monotonic() - start
    times = timer.milliseconds(step)
    row = subject.row(f"float16, torch.compile {mode}", "float16", step(), times)
    return row | {"compile s": seconds}


def compile_in_child(arguments, mode, network, seconds):
    """The row that a child process prints, or the reason why there is none."""
    if seconds < 30:
        raise TimeoutError(f"only {max(0, seconds):.0f} s are left of --seconds")
    command = [sys.executable, __file__, "--compile-only", f"{network}:{mode}"]
    if arguments.smoke:
        command.append("--smoke")
    child = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    if child.returncode != 0:
        raise RuntimeError(child.stderr.strip()[-1500:])
    return [json.loads(child.stdout.strip().splitlines()[-1])]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=".", help="folder for unet_torch.json and unet_torch.md")
    parser.add_argument("--seconds", type=float, default=540, help="when to stop compiling")
    parser.add_argument("--tables", help="only these, separated by commas: ceilings is always run")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes on the CPU")
    parser.add_argument("--compile-only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.smoke and not torch.cuda.is_available():
        parser.error("PyTorch sees no GPU here; --smoke tries the script out on the CPU")
    return arguments


SUBJECTS = {"unet": unet_subject, "vae": vae_subject}


def main():
    arguments = parse_arguments()
    started = time.monotonic()
    device = "cpu" if arguments.smoke else "cuda"
    timer = Timer(device, samples=2 if arguments.smoke else 20)
    torch.backends.cudnn.benchmark = True
    allow_tf32(False)
    if arguments.compile_only:
        network, mode = arguments.compile_only.split(":")
        subject = SUBJECTS[network](device, arguments.smoke)
        print(json.dumps(compiled(subject, timer, mode, arguments.smoke)))
        return
    report = Report(arguments.out, "unet_torch", machine_facts(device))
    operators = operators_torch.Operators(timer, arguments.smoke)
    report.attempt("ceilings", operators.ceilings)
    sections = {
        "unet": lambda: uncompiled(unet_subject(device, arguments.smoke), timer),
        "vae": lambda: uncompiled(vae_subject(device, arguments.smoke), timer),
        "convolution": operators.convolutions,
        "attention": operators.attentions,
        "groupnorm": operators.group_norms,
        "linear": operators.linears,
        "unet-kernels": lambda: kernel_rows(unet_subject(device, arguments.smoke), timer),
        "vae-kernels": lambda: kernel_rows(vae_subject(device, arguments.smoke), timer),
    }
    for mode in COMPILE_MODES[:1] if arguments.smoke else COMPILE_MODES:
        for network in SUBJECTS:
            sections[f"{network}-compile-{mode}"] = lambda n=network, m=mode: compile_in_child(
                arguments, m, n, arguments.seconds - (time.monotonic() - started)
            )
    wanted = arguments.tables.split(",") if arguments.tables else list(sections)
    unknown = set(wanted) - set(sections)
    if unknown:
        sys.exit(f"unknown tables {sorted(unknown)}; there are {', '.join(sections)}")
    for name, section in sections.items():
        if name in wanted:
            report.attempt(name, section)
            if not arguments.smoke:
                torch.cuda.empty_cache()
    print(report.markdown())
    if report.content["failures"]:
        sys.exit(1)


if __name__ == "__main__":
    with torch.no_grad():
        main()
