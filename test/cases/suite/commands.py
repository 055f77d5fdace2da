"""`adit replay` as a command: inputs of every kind, order, damage, and wrong use."""

import json
import re
import shutil
import struct
import subprocess
from dataclasses import dataclass
from typing import Callable

from harness.capture import capture_bytes, read_capture
from harness.case import START_NS, Case, Wire
from harness.frames import ip_frame
from harness.replay import run_adit, write_config
from harness.choices import Plain

from .tunnels import VXLAN

INNER = ip_frame()
FRAMES = [(START_NS + n * 1000, ip_frame(sport=n + 1)) for n in range(3)]
RECORD = 16 + len(INNER)


@dataclass(frozen=True)
class Command:
    """A run of its own; `body` gets the folder and a config in it, and yields faults."""

    name: str
    body: Callable

    def run(self, folder):
        config = write_config(folder, Case(self.name, [Wire(VXLAN[4])]))
        return list(self.body(folder, config))


def refused(name, contents, pattern, exit_code=1, port="access", file="in.pcap"):
    """The input is refused with this exit code and a message that says what and where."""

    def body(folder, config):
        if contents is not None:
            (folder / file).write_bytes(contents)
        given = f"{port}={folder / file}"
        result = run_adit("replay", "-c", config, "--in", given, "--out", folder / "out")
        yield from wrong(result, exit_code, pattern.replace("FILE", re.escape(str(folder / file))))

    return Command(name, body)


def wrong(result, exit_code, pattern):
    if result.exit_code != exit_code:
        yield f"exit code is {result.exit_code}, must be {exit_code}\n{result.stderr}"
    if not re.search(pattern, result.stderr):
        yield f"stderr lacks {pattern!r}:\n{result.stderr}"
    if "    at " in result.stderr:
        yield f"stderr shows a stack trace:\n{result.stderr}"


def damaged_inputs():
    good = capture_bytes(FRAMES)
    second = 24 + RECORD
    absurd = good[:second] + struct.pack("<IIII", 1, 0, 0x7FFFFFFF, 0x7FFFFFFF) + bytes(3000)
    cut_frame = good[:24] + struct.pack("<IIII", 1, 0, 96, 1514) + INNER[:96]
    where = f"FILE.*packet 2 at byte {second}"
    yield refused("replay-cut-in-a-frame-says-where", good[: second + 40], where)
    yield refused("replay-cut-in-a-record-says-where", good[: second + 5], where)
    yield refused("replay-absurd-length-says-where", absurd, where)
    yield refused("replay-snap-length-says-where", cut_frame, "FILE.*packet 1 at byte 24.*96 of .*1514")
    yield refused("replay-empty-file", b"", "FILE")
    yield refused("replay-not-a-capture", b"GIF89a" + bytes(100), "FILE")
    yield refused("replay-not-ethernet", capture_bytes(FRAMES, link_type=113), "FILE.*not Ethernet")
    yield refused("replay-missing-capture", None, "FILE.*No such file")
    yield refused("replay-unknown-port", good, "acces", exit_code=2, port="acces")
    yield Command("replay-cut-pcapng-says-where", cut_pcapng)


def cut_pcapng(folder, config):
    source = folder / "in.pcapng"
    source.write_bytes(pcapng(folder))
    source.write_bytes(source.read_bytes()[:-7])
    arguments = ("replay", "-c", config, "--in", f"access={source}", "--out", folder / "out")
    yield from wrong(run_adit(*arguments), 1, rf"{re.escape(str(source))}.*packet 3 at byte \d+")


def pcapng(folder):
    """The frames as Wireshark's own tool writes them."""
    plain, converted = folder / "plain.pcap", folder / "converted.pcapng"
    plain.write_bytes(capture_bytes(FRAMES))
    subprocess.run(["editcap", "-F", "pcapng", plain, converted], check=True, timeout=60)
    return converted.read_bytes()


def wrong_use():
    def without_input(folder, config):
        yield from wrong(run_adit("replay", "-c", config, "--out", folder / "out"), 2, "--in")

    def no_port(folder, config):
        arguments = ("replay", "-c", config, "--in", "x.pcap", "--out", folder / "out")
        yield from wrong(run_adit(*arguments), 2, "x.pcap|PORT=PCAP")

    def bad_seed(folder, config):
        (folder / "in.pcap").write_bytes(capture_bytes(FRAMES))
        given = f"access={folder / 'in.pcap'}"
        arguments = ("replay", "-c", config, "--in", given, "--out", folder / "out")
        yield from wrong(run_adit(*arguments, "--seed", "one"), 2, "seed")

    def bad_config(folder, config):
        gateway = json.loads(config.read_text())
        gateway["prots"] = []
        config.write_text(json.dumps(gateway))
        arguments = ("replay", "-c", config, "--in", "access=x.pcap", "--out", folder / "out")
        yield from wrong(run_adit(*arguments), 3, r"adit\.json:\d+:\d+  ADIT-\d+  /.*prots")

    def output_is_a_file(folder, config):
        (folder / "in.pcap").write_bytes(capture_bytes(FRAMES))
        (folder / "out").write_text("in the way")
        given = f"access={folder / 'in.pcap'}"
        arguments = ("replay", "-c", config, "--in", given, "--out", folder / "out")
        yield from wrong(run_adit(*arguments), 1, re.escape(str(folder / "out")))

    def output_is_the_input(folder, config):
        (folder / "out").mkdir()
        source = folder / "out" / "access.pcap"
        source.write_bytes(capture_bytes(FRAMES))
        arguments = ("replay", "-c", config, "--in", f"access={source}", "--out", folder / "out")
        yield from wrong(run_adit(*arguments), 1, re.escape(str(source)))
        if source.read_bytes() != capture_bytes(FRAMES):
            yield "the input was overwritten"

    def headroom_too_small(folder, config):
        gateway = json.loads(config.read_text())
        for port in gateway["ports"]:
            port["reservedHeadroom"] = 256 - 49
        config.write_text(json.dumps(gateway))
        (folder / "in.pcap").write_bytes(capture_bytes(FRAMES))
        given = f"access={folder / 'in.pcap'}"
        arguments = ("replay", "-c", config, "--in", given, "--out", folder / "out")
        yield from wrong(run_adit(*arguments), 3, r"(?i)headroom")

    yield Command("replay-without-input", without_input)
    yield Command("replay-input-without-port", no_port)
    yield Command("replay-bad-seed", bad_seed)
    yield Command("replay-bad-config-says-where", bad_config)
    yield Command("replay-output-is-a-file", output_is_a_file)
    yield Command("replay-does-not-overwrite-its-input", output_is_the_input)
    yield Command("replay-push-that-does-not-fit-is-refused", headroom_too_small)


def good_inputs():
    def empty(folder, config):
        (folder / "in.pcap").write_bytes(capture_bytes([]))
        yield from outputs(folder, config, "in.pcap", [])

    def from_pcapng(folder, config):
        (folder / "in.pcapng").write_bytes(pcapng(folder))
        yield from outputs(folder, config, "in.pcapng", FRAMES)

    def big_endian(folder, config):
        header = struct.pack(">IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        time_ns, frame = FRAMES[0]
        seconds, rest = divmod(time_ns, 1_000_000_000)
        size = len(frame)
        record = struct.pack(">IIII", seconds, rest // 1000, size, size) + frame
        (folder / "in.pcap").write_bytes(header + record)
        yield from outputs(folder, config, "in.pcap", FRAMES[:1])

    def again(folder, config):
        (folder / "in.pcap").write_bytes(capture_bytes(FRAMES))
        yield from outputs(folder, config, "in.pcap", FRAMES)
        first = (folder / "out" / "underlay.pcap").read_bytes()
        shutil.rmtree(folder / "out")
        yield from outputs(folder, config, "in.pcap", FRAMES)
        if (folder / "out" / "underlay.pcap").read_bytes() != first:
            yield "a second run wrote other bytes"

    yield Command("replay-capture-without-frames", empty)
    yield Command("replay-pcapng", from_pcapng)
    yield Command("replay-big-endian-capture", big_endian)
    yield Command("replay-twice-gives-the-same-bytes", again)


def outputs(folder, config, file, frames):
    """The frames come out of the underlay encapsulated, at their times."""
    given = f"access={folder / file}"
    result = run_adit("replay", "-c", config, "--in", given, "--out", folder / "out")
    if result.exit_code != 0:
        yield f"exit code {result.exit_code}\n{result.stderr}"
        return
    sent = read_capture(folder / "out" / "underlay.pcap")
    if [(time, frame[50:]) for time, frame in sent] != frames:
        yield f"sent: {sent}"


def order():
    """Time order over files; ties by file, here underlay after access; unordered files too."""
    case = Case("replay-takes-frames-in-time-order", [Wire(VXLAN[4], port="access")])
    for moment in (5, 3, 9, 3, 1):
        case.frame("access", INNER, START_NS + moment * 1000).sends(
            "underlay", VXLAN[4].encap(INNER), case.wires[0], len(INNER)
        )
        packet = VXLAN[4].incoming(INNER)
        case.frame("underlay", packet, START_NS + moment * 1000).sends(
            "access", Plain(INNER), case.wires[0], len(INNER)
        )
    yield case
    case = Case("replay-keeps-nanoseconds", [Wire(VXLAN[4])])
    case.frame("access", INNER, START_NS + 123_456_789).sends(
        "underlay", VXLAN[4].encap(INNER), case.wires[0], len(INNER)
    )
    yield case


def jumbo():
    """Frames of any size; here as large as an IPv4 packet can be."""
    wire = Wire(VXLAN[4])
    case = Case("replay-frames-of-64-kilobytes", [wire])
    for port in case.gateway["ports"]:
        port["mtu"] = 65535
    case.encaps(ip_frame(length=65485))
    over = ip_frame(length=65486)
    case.frame("access", over).drops("too_big", wire, len(over))
    case.decaps(VXLAN[4].incoming(ip_frame(length=65485)), ip_frame(length=65485))
    return case


def cases():
    yield from damaged_inputs()
    yield from wrong_use()
    yield from good_inputs()
    yield from order()
    yield jumbo()
