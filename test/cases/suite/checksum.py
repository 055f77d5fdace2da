"""RFC 768: a UDP checksum that computes to 0 is sent as 0xffff, because 0 means none."""

from dataclasses import dataclass

from harness.case import Case, Wire
from harness.frames import L4_OFFSET, ip_frame
from harness.judge import judge
from harness.replay import replay
from harness.tunnel import Tunnel

from .tunnels import VXLAN

INNER = ip_frame()


def summing_to_zero(inner, checksum):
    """`inner` with its last word raised so that `checksum`, of a packet with it, becomes 0."""
    total = int.from_bytes(inner[-2:], "big") + checksum
    return inner[:-2] + ((total & 0xFFFF) + (total >> 16)).to_bytes(2, "big")


@dataclass(frozen=True)
class ComputedZero:
    """Two runs: the first tells the source port that the flow gets, which the checksum covers."""

    name: str
    tunnel: Tunnel

    def run(self, folder):
        at = L4_OFFSET[self.tunnel.family] + 6
        first = Case(self.name, [Wire(self.tunnel)])
        first.encaps(INNER)
        result = replay(first, folder / "first")
        faults = judge(first, result)
        if faults:
            return faults
        sent = result.sent["underlay"][0][1]
        inner = summing_to_zero(INNER, int.from_bytes(sent[at : at + 2], "big"))
        second = Case(self.name, [Wire(self.tunnel)])
        second.encaps(inner)
        # The same inbound, with a checksum field of 0xffff.
        packet = bytes(self.tunnel.incoming(INNER, checksum=True))
        inbound = summing_to_zero(INNER, int.from_bytes(packet[at : at + 2], "big"))
        second.decaps(self.tunnel.incoming(inbound, checksum=True), inbound)
        result = replay(second, folder / "second")
        faults = judge(second, result)
        if not faults and result.sent["underlay"][0][1][at : at + 2] != b"\xff\xff":
            faults.append("the case does not make the checksum 0xffff")
        return faults


def cases():
    yield ComputedZero("vxlan-v6-computed-zero-checksum-is-sent-as-ffff", VXLAN[6])
    with_checksum = Tunnel(udp_checksum=True)
    yield ComputedZero("vxlan-v4-computed-zero-checksum-is-sent-as-ffff", with_checksum)
