"""Whether CUDA kernels, lowered to an old PTX version, assemble for every GPU and load on this one.

    python3 ptx_check.py --floor 7.0/sm_80 FILE.cu|FILE.ptx...

The PTX that a new nvcc writes asks for a new driver, although its instructions are old.  This
script compiles each source for the floor's target, rewrites the two header lines to the floor, and
then shows what assembles (ptxas, per architecture: registers, stack, spills) and, where there is a
GPU, what the driver accepts (the lowered header, the header as compiled, and --try-versions).
nvcc and ptxas are needed only for what they do; the driver is called through ctypes.
"""

import argparse
import ctypes
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ARCHITECTURES = ["sm_70", "sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"]

# CUjit_option and CUfunction_attribute of cuda.h.
JIT_ERROR_LOG, JIT_ERROR_LOG_BYTES = 5, 6
FUNCTION_LOCAL_BYTES, FUNCTION_REGISTERS, FUNCTION_BINARY_VERSION = 3, 4, 6


def number(architecture):
    return int(re.match(r"(?:sm|compute)_(\d+)", architecture).group(1))


def compile_to_ptx(source, target, lowest=75):
    """PTX of a .cu file for the target, or for the lowest that nvcc still knows."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "out.ptx")
        architecture = f"compute_{max(number(target), lowest)}"
        command = ["nvcc", "-O3", "-std=c++17", "-ptx", f"-arch={architecture}"]
        subprocess.run([*command, str(source), "-o", str(output)], check=True)
        return output.read_text()


def with_header(ptx, version=None, target=None):
    """The same code under another header: exactly one line of each kind is replaced."""
    for directive, value in ((".version", version), (".target", target)):
        if value:
            ptx, count = re.subn(
                rf"^\{directive}[ \t].*$", f"{directive} {value}", ptx, flags=re.MULTILINE
            )
            if count != 1:
                raise ValueError(f"{count} {directive} lines instead of one")
    return ptx


def entries(ptx):
    return re.findall(r"\.entry\s+([\w$]+)", ptx)


def assemble(ptx, architecture):
    """(kernel, what ptxas says about it) rows, or one row with its first error."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "in.ptx")
        file.write_text(ptx)
        command = ["ptxas", "-v", f"-arch={architecture}", str(file), "-o", f"{folder}/out.cubin"]
        done = subprocess.run(command, capture_output=True, text=True)
    if "is not defined for option 'gpu-name'" in done.stderr:
        return [("-", "not tried: this ptxas does not know the architecture")]
    if done.returncode != 0:
        return [("*", "fails: " + (done.stderr.strip().splitlines() or ["no message"])[0])]
    rows = []
    for part in re.split(r"Compiling entry function ", done.stderr)[1:]:
        name = re.match(r"'(.+?)'", part).group(1)
        stack, stores, loads = re.search(
            r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", part
        ).groups()
        registers = re.search(r"Used (\d+) registers", part).group(1)
        rows.append((name, f"{registers} registers, stack {stack}, spills {stores}/{loads} bytes"))
    return rows


class Driver:
    """The few driver calls that loading a module takes."""

    def __init__(self, library="libcuda.so.1"):
        self.cuda = ctypes.CDLL(library)
        self.call("cuInit", 0)
        device, context = ctypes.c_int(), ctypes.c_void_p()
        self.call("cuDeviceGet", ctypes.byref(device), 0)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.call("cuCtxSetCurrent", context)
        version, name = ctypes.c_int(), ctypes.create_string_buffer(128)
        self.call("cuDriverGetVersion", ctypes.byref(version))
        self.call("cuDeviceGetName", name, len(name), device)
        self.description = (
            f"{name.value.decode()}, driver for CUDA {version.value // 1000}."
            f"{version.value % 1000 // 10}"
        )

    def call(self, function, *arguments):
        status = getattr(self.cuda, function)(*arguments)
        if status != 0:
            raise RuntimeError(f"{function}: {self.error_name(status)}")

    def error_name(self, status):
        name = ctypes.c_char_p()
        self.cuda.cuGetErrorName(status, ctypes.byref(name))
        return f"{name.value.decode() if name.value else 'unknown error'} ({status})"

    def load(self, ptx):
        """Rows as `assemble` gives them, of what the driver made of the PTX."""
        log = ctypes.create_string_buffer(8192)
        options = (ctypes.c_int * 2)(JIT_ERROR_LOG, JIT_ERROR_LOG_BYTES)
        values = (ctypes.c_void_p * 2)(ctypes.addressof(log), len(log))
        module = ctypes.c_void_p()
        status = self.cuda.cuModuleLoadDataEx(
            ctypes.byref(module), ctypes.c_char_p(ptx.encode()), 2, options, values
        )
        if status != 0:
            reason = (log.value.decode(errors="replace").strip().splitlines() or [""])[0]
            return [("*", f"refused: {self.error_name(status)} {reason}")]
        rows = []
        for name in entries(ptx):
            function = ctypes.c_void_p()
            self.call("cuModuleGetFunction", ctypes.byref(function), module, name.encode())
            registers, local, binary = (
                self.attribute(function, attribute)
                for attribute in (FUNCTION_REGISTERS, FUNCTION_LOCAL_BYTES, FUNCTION_BINARY_VERSION)
            )
            rows.append((name, f"{registers} registers, local {local} bytes, runs as sm_{binary}"))
        self.call("cuModuleUnload", module)
        return rows

    def attribute(self, function, attribute):
        value = ctypes.c_int()
        self.call("cuFuncGetAttribute", ctypes.byref(value), attribute, function)
        return value.value


def show(what, rows):
    for name, result in rows:
        print(f"| {what} | {name} | {result} |")
    return not any(name == "*" for name, _ in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--floor", default="7.0/sm_80", help="PTX version and target to lower to")
    parser.add_argument("--try-versions", default="", help="more versions to load, with commas")
    parser.add_argument("--driver", default="libcuda.so.1", help="the driver library")
    arguments = parser.parse_args()
    version, target = arguments.floor.split("/")
    try:
        driver = Driver(arguments.driver)
        print(driver.description)
    except (OSError, RuntimeError) as reason:
        driver = None
        print(f"Nothing is loaded, there is no usable driver here: {reason}")
    good, tried = True, 0
    for file in arguments.files:
        ptx = file.read_text() if file.suffix == ".ptx" else compile_to_ptx(file, target)
        emitted = re.search(r"^\.version[ \t]+(\S+)", ptx, re.MULTILINE).group(1)
        lowered = with_header(ptx, version, target)
        print(f"\n{file.name}: .version {emitted} lowered to {version}, {target}\n")
        print("| for | kernel | result |\n|---|---|---|")
        for architecture in ARCHITECTURES if shutil.which("ptxas") else []:
            if number(architecture) >= number(target):
                rows = assemble(lowered, architecture)
                good &= show(f"ptxas {architecture}", rows)
                tried += rows[0][0] != "-"
        if driver:
            good &= show(f"driver, .version {version}", driver.load(lowered))
            tried += 1
            # What follows is asked, not required: an old driver may refuse newer versions.
            for other in filter(None, [emitted, *arguments.try_versions.split(",")]):
                show(f"driver, .version {other}", driver.load(with_header(ptx, other)))
    if tried == 0:
        sys.exit("neither ptxas nor a driver is here: nothing was checked")
    sys.exit(not good)


if __name__ == "__main__":
    main()
