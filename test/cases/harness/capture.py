"""Classic pcap files."""

import struct

ETHERNET = 1
MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D


def capture_bytes(frames, nano=False, link_type=ETHERNET):
    """A pcap file of (time in ns, frame) pairs."""
    magic = NANO if nano else MICRO
    out = [struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, link_type)]
    for time_ns, frame in frames:
        seconds, rest = divmod(time_ns, 1_000_000_000)
        size = len(frame)
        out.append(struct.pack("<IIII", seconds, rest if nano else rest // 1000, size, size) + frame)
    return b"".join(out)


def write_capture(path, frames):
    """Microseconds, unless a frame's time needs nanoseconds."""
    path.write_bytes(capture_bytes(frames, nano=any(time % 1000 for time, _ in frames)))


def read_capture(path):
    """A list of (time in ns, frame). Read plainly: scapy's reader cuts frames over 65535 bytes."""
    data = path.read_bytes()
    magic, *_, link_type = struct.unpack_from("<IHHiIII", data)
    if magic not in (MICRO, NANO) or link_type != ETHERNET:
        raise ValueError(f"{path} is no Ethernet capture")
    unit = 1 if magic == NANO else 1000
    frames, at = [], 24
    while at < len(data):
        seconds, rest, kept, size = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + kept]
        if not kept == size == len(frame):
            raise ValueError(f"{path} is damaged at byte {at}")
        frames.append((seconds * 1_000_000_000 + rest * unit, frame))
        at += 16 + size
    return frames
