"""Runs `adit replay` and reads what it wrote."""

import json
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from .capture import read_capture, write_capture

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "dist" / "gateway" / "main.js"
RUNNER = ROOT / "dist" / "test" / "cases" / "many-runs.js"
# Far longer than the longest run takes on a busy machine.
TIMEOUT_SECONDS = 120


@dataclass
class Result:
    exit_code: int
    stderr: str
    sent: dict = field(default_factory=dict)
    kernel: dict = field(default_factory=dict)
    counters: dict = field(default_factory=dict)


class Runner:
    """A process that runs one command after another; one thread at a time uses it."""

    def __init__(self):
        self.process = None

    def run(self, arguments):
        if self.process is None:
            self.process = subprocess.Popen(
                ["node", str(RUNNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        alarm = threading.Timer(TIMEOUT_SECONDS, self.process.kill)
        alarm.start()
        self.process.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        alarm.cancel()
        if line:
            ending = json.loads(line)
            return Result(ending["exitCode"], ending["stderr"])
        code = self.process.wait()
        self.process = None
        return Result(code, f"the process ended with {code}, or ran over {TIMEOUT_SECONDS} s")

    def stop(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(TIMEOUT_SECONDS)


class Runners(threading.local):
    """One Runner a thread; `all` are those that were made."""

    all = []

    def __init__(self):
        self.runner = Runner()
        Runners.all.append(self.runner)


RUNNERS = Runners()


def run_adit(*arguments):
    """The program itself, as a process of its own."""
    command = ["node", str(PROGRAM), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return Result(-1, f"still running after {TIMEOUT_SECONDS} s")
    return Result(done.returncode, done.stderr)


def write_config(folder, case):
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "adit.json"
    config.write_text(json.dumps(case.gateway))
    (folder / "tunnels.json").write_text(json.dumps(case.tunnel_files()))
    return config


def replay(case, folder):
    """One run, with all files of the case left in `folder`."""
    config = write_config(folder, case)
    arguments = ["replay", "-c", config, "--out", folder / "out"]
    if case.seed is not None:
        arguments += ["--seed", case.seed]
    for port in sorted({step.port for step in case.steps}):
        path = folder / f"{port}.in.pcap"
        write_capture(path, [(s.time_ns, s.frame) for s in case.steps if s.port == port])
        arguments += ["--in", f"{port}={path}"]
    result = RUNNERS.runner.run(arguments)
    if result.exit_code == 0:
        read_outputs(result, folder / "out", [port["name"] for port in case.gateway["ports"]])
    return result


def read_outputs(result, folder, ports):
    for port in ports:
        result.sent[port] = read_capture(folder / f"{port}.pcap")
        result.kernel[port] = read_capture(folder / f"{port}.kernel.pcap")
    result.counters = json.loads((folder / "counters.json").read_text())
