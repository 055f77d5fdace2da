"""A second judge of everything sent: tshark must find nothing malformed and no bad checksum."""

import subprocess

from .capture import write_capture
from .choices import Encapsulated
from .judge import outputs

VXLAN_PORTS = (4789, 8472)
# 0 is "bad" in the checksum status fields.
BAD = (
    "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0"
    " || gre.checksum.status == 0 || tcp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0"
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


def tshark_faults(runs, folder):
    """`runs`: (case, result) pairs. Every frame sent is dissected; tunnel identifiers must agree."""
    frames, origins, outs = [], [], []
    for case, result in runs:
        if case.wild:
            continue
        for port, sent in result.sent.items():
            for (_, out), (_, frame) in zip(outputs(case, port), sent):
                frames.append((0, frame))
                origins.append(f"{case.name}, {port}")
                outs.append(out)
    path = folder / "all-sent.pcap"
    write_capture(path, frames)
    for number, *_ in tshark(path, "-Y", BAD, "-T", "fields", "-e", "frame.number"):
        yield f"{origins[int(number) - 1]}: malformed or bad checksum: {frames[int(number) - 1][1].hex()}"
    fields = ["-T", "fields", "-E", "occurrence=f"]
    for field in ("vxlan.vni", "geneve.vni", "gre.key"):
        fields += ["-e", field]
    for index, (vxlan, geneve, key) in enumerate(tshark(path, *fields)):
        seen = tuple(int(text, 0) if text else None for text in (vxlan, geneve, key))
        if seen != identifiers(outs[index], seen[2]):
            yield f"{origins[index]}: tshark reads VNIs and key {seen}"


def identifiers(out, key_seen):
    """VNI of VXLAN, VNI of Geneve, GRE key of what is sent; NVGRE's FlowID is the gateway's choice."""
    if not isinstance(out, Encapsulated):
        return (None, None, None)
    tunnel = out.tunnel
    if tunnel.type == "nvgre":
        return (None, None, tunnel.id << 8 | (key_seen or 0) & 0xFF)
    sent = tunnel.id if tunnel.send_key is None else tunnel.send_key
    return tuple(sent if tunnel.type == kind else None for kind in ("vxlan", "geneve", "gre"))
