"""Sends a frame as it is, a number of times: send-frame.py INTERFACE HEX COUNT."""

import socket
import sys

interface, frame, count = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
    raw.bind((interface, 0))
    for _ in range(count):
        raw.send(frame)
