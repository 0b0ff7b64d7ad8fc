"""Timing, checking and reporting for the scripts beside this one."""

import importlib.metadata
import json
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess
import time

import torch

SAMPLES = 20
WARM_UP = 5


class Timer:
    """Times work on one device; on the CPU it only serves to try the scripts out."""

    def __init__(self, device, samples=SAMPLES):
        self.device = torch.device(device)
        self.samples = samples
        self.on_gpu = self.device.type == "cuda"
        if self.on_gpu:
            self.cache_bytes = torch.cuda.get_device_properties(self.device).L2_cache_size
        else:
            self.cache_bytes = 1 << 20

    def milliseconds(self, run):
        """Median, fastest and slowest time of one call of `run`, after warm-up."""
        for _ in range(WARM_UP):
            run()
        if not self.on_gpu:
            times = []
            for _ in range(self.samples):
                start = time.perf_counter()
                run()
                times.append(1e3 * (time.perf_counter() - start))
            return spread(times)
        torch.cuda.synchronize()
        events = [
            [torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(self.samples)
        ]
        for start, end in events:
            start.record()
            run()
            end.record()
        torch.cuda.synchronize()
        return spread([start.elapsed_time(end) for start, end in events])

    def graphed(self, run):
        """`run` recorded as one CUDA graph: (call that replays it, output that replays fill)."""
        if not self.on_gpu:
            return run, run()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                run()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            output = run()
        return graph.replay, output

    def operator(self, make, run, bytes_touched):
        """Time of one call `run(*make())`, without launch gaps and with cold caches.

        One graph holds a call for each of several operand sets, which together are several times
        the size of the second-level cache.
        """
        count = max(1, min(48, math.ceil(4 * self.cache_bytes / bytes_touched)))
        sets = [make() for _ in range(count)]

        def all_sets():
            for operands in sets:
                run(*operands)

        replay, _ = self.graphed(all_sets)
        return {key: value / count for key, value in self.milliseconds(replay).items()}

    def kernels(self, run):
        """[(kernel name, microseconds)] of one call of `run`, in order of their start."""
        if not self.on_gpu:
            return []
        from torch.profiler import ProfilerActivity, profile

        run()
        torch.cuda.synchronize()
        with profile(activities=[ProfilerActivity.CUDA]) as profiler:
            run()
            torch.cuda.synchronize()
        on_device = [e for e in profiler.events() if e.device_type.name == "CUDA"]
        on_device.sort(key=lambda event: event.time_range.start)
        return [(e.name, e.time_range.elapsed_us()) for e in on_device]


def spread(times):
    return {"ms": statistics.median(times), "min ms": min(times), "max ms": max(times)}


def relative_error(actual, expected):
    error = float((actual.float() - expected.float()).norm() / expected.float().norm())
    return error if math.isfinite(error) else math.inf


def require(error, tolerance, what):
    """No time is worth printing for a wrong result."""
    if not error <= tolerance:
        raise AssertionError(f"{what}: relative error {error:.2e}, at most {tolerance:.0e} allowed")
    return error


class Report:
    """Tables by name, written as JSON and Markdown after every one of them."""

    def __init__(self, folder, name, facts):
        self.folder, self.name = pathlib.Path(folder), name
        self.content = {"machine": facts, "tables": {}, "failures": {}}
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, title, rows):
        self.content["tables"].setdefault(title, []).extend(rows)
        self.write()

    def attempt(self, title, section):
        """Runs a section that returns rows; a failure is reported and does not end the run."""
        start = time.monotonic()
        try:
            self.add(title, section())
        except Exception as failure:  # whatever it is, the other tables are worth having
            self.content["failures"][title] = f"{type(failure).__name__}: {failure}"[:2000]
            self.write()
        print(f"{title}: {time.monotonic() - start:.0f} s", flush=True)

    def write(self):
        (self.folder / f"{self.name}.json").write_text(json.dumps(self.content, indent=1))
        (self.folder / f"{self.name}.md").write_text(self.markdown())

    def markdown(self):
        lines = [f"# {self.name}", ""]
        lines += [f"- {key}: {value}" for key, value in self.content["machine"].items()]
        for title, rows in self.content["tables"].items():
            columns = list(dict.fromkeys(key for row in rows for key in row))
            lines += ["", f"## {title}", "", table_line(columns), "|" + "---|" * len(columns)]
            lines += [table_line([cell(row.get(key, "")) for key in columns]) for row in rows]
        for title, reason in self.content["failures"].items():
            lines += ["", f"**{title} failed**: {reason}"]
        return "\n".join(lines) + "\n"


def table_line(cells):
    return "| " + " | ".join(cells) + " |"


def cell(value):
    if isinstance(value, float):
        return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    return str(value).replace("|", "\\|")


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def machine_facts(device):
    """What a reader needs in order to compare, and what a binding to these libraries meets."""
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    cpu = output_of("lscpu")
    for key in ("Model name", "L1d cache", "L2 cache", "L3 cache"):
        found = re.search(rf"^{key}:\s*(.+)$", cpu, re.MULTILINE)
        if found:
            facts[f"CPU {key}"] = found.group(1)
    facts["CPU vector sets"] = " ".join(
        sorted(set(re.findall(r"\b(?:avx2|fma|f16c|avx512\w+|amx\w+)\b", cpu)))
    )
    facts["CPUs"] = os.cpu_count()
    if torch.device(device).type != "cuda":
        return facts
    properties = torch.cuda.get_device_properties(device)
    facts |= {
        "GPU": properties.name,
        "compute capability": f"{properties.major}.{properties.minor}",
        "multiprocessors": properties.multi_processor_count,
        "L2 bytes": properties.L2_cache_size,
        "memory bytes": properties.total_memory,
        "driver": output_of("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"),
        "CUDA of torch": torch.version.cuda,
        "cuDNN of torch": torch.backends.cudnn.version(),
    }
    for package in ("nvidia-cudnn-cu13", "nvidia-cublas", "nvidia-cuda-nvrtc", "triton"):
        try:
            facts[f"package {package}"] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    cached = output_of("ldconfig", "-p")
    for library in ("libcuda", "libcudnn", "libcublas", "libcublasLt", "libnvrtc"):
        found = re.findall(rf"\s({library}\.so\S*) .*=> (\S+)", cached)
        facts[f"system {library}"] = [f"{n} = {os.path.realpath(p)}" for n, p in found] or "none"
    loaded = re.findall(r"\S+/lib(?:cuda|cudnn|cublas|cublasLt|nvrtc)\.so\S*", loaded_files())
    facts["loaded by torch"] = sorted(set(loaded))
    return facts


def loaded_files():
    """The process's memory map, after one convolution and one matmul have pulled libraries in."""
    a = torch.ones(1, 8, 8, 8, device="cuda", dtype=torch.float16)
    torch.nn.functional.conv2d(a, a)
    torch.matmul(a, a)
    torch.cuda.synchronize()
    return pathlib.Path("/proc/self/maps").read_text()
