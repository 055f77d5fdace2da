"""A second judge of everything sent: tshark must find nothing malformed and no bad checksum."""

import subprocess

from .capture import write_capture
from .tunnel import Encapsulated

VXLAN_PORTS = (4789, 8472)
# 0 is "bad" in the checksum status fields.
BAD = (
    "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0"
    " || tcp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0"
)


def tshark(path, *arguments):
    command = ["tshark", "-n", "-r", str(path)]
    for preference in ("ip.check_checksum", "udp.check_checksum", "tcp.check_checksum"):
        command += ["-o", f"{preference}:TRUE"]
    for port in VXLAN_PORTS:
        command += ["-d", f"udp.port=={port},vxlan"]
    done = subprocess.run(command + list(arguments), capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"tshark failed: {done.stderr}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def tshark_faults(outputs, folder):
    """`outputs`: (case, result) pairs. Every frame sent is dissected; tunnel identifiers must agree."""
    frames, origins, ids = [], [], []
    for case, result in outputs:
        if case.wild:
            continue
        for port, sent in result.sent.items():
            steps = [s for s in case.steps if s.fate == "sent" and s.out_port == port]
            for step, (_, frame) in zip(steps, sent):
                frames.append((0, frame))
                origins.append(f"{case.name}, {port}")
                ids.append(identifier(step.out))
    path = folder / "all-sent.pcap"
    write_capture(path, frames)
    for number, *_ in tshark(path, "-Y", BAD, "-T", "fields", "-e", "frame.number"):
        yield f"{origins[int(number) - 1]}: malformed or bad checksum: {frames[int(number) - 1][1].hex()}"
    fields = ("-T", "fields", "-E", "occurrence=f", "-e", "vxlan.vni", "-e", "gre.key")
    for index, (vni, key) in enumerate(tshark(path, *fields)):
        seen = vni or (str(int(key, 16)) if key else "")
        if seen != ids[index]:
            yield f"{origins[index]}: tshark reads VNI or key {seen!r}, must be {ids[index]!r}"


def identifier(out):
    if not isinstance(out, Encapsulated) or out.tunnel.id is None:
        return ""
    return str(out.tunnel.id)
