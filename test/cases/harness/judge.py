"""Compares what `adit replay` did with what the case says must happen."""

from collections import Counter, defaultdict

from .difference import difference
from .choices import Encapsulated

COUNTER_KEYS = {"received", "sent", "kernel", "generated", "consumed", "dropped", "tenants"}


def judge(case, result):
    """A list of faults; empty when all is as it must be."""
    if result.exit_code != 0:
        return [f"exit code {result.exit_code}\n{result.stderr}"]
    faults = []
    for port in result.sent:
        faults += sent_faults(case, port, result.sent[port])
        faults += kernel_faults(case, port, result.kernel[port])
    faults += flow_faults(case, result)
    faults += counter_faults(case, result)
    return faults


def sent_faults(case, port, actual):
    expected = outputs(case, port)
    if len(expected) != len(actual):
        yield f"{port}: {len(expected)} frames must be sent, {len(actual)} were"
    for number, ((step, out), (time_ns, frame)) in enumerate(zip(expected, actual), start=1):
        if time_ns != step.time_ns:
            yield f"{port}: frame {number} has time {time_ns}, must have {step.time_ns}"
        wrong = difference(out.expected(frame), frame)
        if wrong:
            yield f"{port}: frame {number}: {wrong}"
        for fault in out.faults(frame):
            yield f"{port}: frame {number}: {fault}"


def kernel_faults(case, port, actual):
    arrived = [(s.time_ns, s.frame) for s in in_time_order(case) if s.port == port]
    surely = [(s.time_ns, s.frame) for s in in_time_order(case) if s.port == port and s.fate == "kernel"]
    if any(step.fate == "unsent" for step in case.steps):
        if Counter(actual) - Counter(arrived):
            yield f"{port}: the kernel got frames that never arrived"
        if Counter(surely) - Counter(actual):
            yield f"{port}: the kernel did not get all of its frames"
    elif actual != surely:
        wrong = next((difference(a[1], b[1]) for a, b in zip(surely, actual) if a != b), "")
        yield f"{port}: {len(surely)} frames are the kernel's, it got {len(actual)} {wrong}"


def flow_faults(case, result):
    """One flow, one choice of entropy; many flows, many choices."""
    choices = entropy(case, result)
    for flow, values in choices.items():
        if len(values) != 1:
            yield f"flow {flow} got different entropy: {sorted(values)}"
    distinct = len(set().union(*choices.values())) if choices else 0
    if distinct < case.distinct_flows:
        yield f"{len(choices)} flows share {distinct} entropy values"
    yield from identification_faults(case, result)


def entropy(case, result):
    """Flow name -> the (UDP source port, IPv6 flow label, FlowID) that its packets got."""
    choices = defaultdict(set)
    for out, frame in encapsulated(case, result):
        if out.flow is not None:
            choices[out.flow].add(out.choices(frame).entropy)
    return choices


def identification_faults(case, result):
    """RFC 6864 §4.1: packets that may be fragmented need identifications of their own."""
    idents = [
        out.choices(frame).ident
        for out, frame in encapsulated(case, result)
        if out.may_be_fragmented
    ]
    if len(set(idents)) != len(idents):
        yield f"IPv4 identifications repeat where DF is clear: {idents}"


def encapsulated(case, result):
    for port, frames in result.sent.items():
        for (_, out), (_, frame) in zip(outputs(case, port), frames):
            if isinstance(out, Encapsulated):
                yield out, frame


def counter_faults(case, result):
    got = result.counters
    if set(got) != COUNTER_KEYS:
        yield f"counters.json has keys {sorted(got)}"
        return
    into = sum(got["received"].values()) + got["generated"]
    out = sum(got["sent"].values()) + sum(got["kernel"].values())
    out += got["consumed"] + sum(got["dropped"].values())
    if into != out:
        yield f"accounting: {into} frames received or generated, {out} accounted for"
    for key, expected in expected_counters(case, result).items():
        if got[key] != expected:
            yield f"counters.json: {key} is {got[key]}, must be {expected}"


def expected_counters(case, result):
    ports = [port["name"] for port in case.gateway["ports"]]
    by = lambda key, fate: {p: sum(key(s) == p and s.fate == fate for s in case.steps) for p in ports}
    fates = Counter(step.fate for step in case.steps)
    expected = {
        "received": {p: sum(s.port == p for s in case.steps) for p in ports},
        "sent": {p: len(outputs(case, p)) for p in ports},
        "generated": sum(fates[fate] for fate in ("answered", "relayed", "told"))
        + sum(len(s.more) for s in case.steps),
        "consumed": fates["answered"] + fates["relayed"] + fates["consumed"],
    }
    if any(step.fate == "unsent" for step in case.steps):
        return expected
    expected["kernel"] = by(lambda s: s.port, "kernel")
    expected["dropped"] = dict(Counter(s.reason for s in case.steps if s.is_dropped))
    expected["tenants"] = expected_tenants(case)
    return expected


def expected_tenants(case):
    tenants = {}
    for wire in case.wires:
        tenant = tenants.setdefault(wire.tenant, {"members": {}, "dropped": {}})
        for name in wire.names:
            tenant["members"][name] = dict(rxPackets=0, rxBytes=0, txPackets=0, txBytes=0)
    for step in case.steps:
        if step.ends is None:
            continue
        tenant_name, member_in, member_out = step.ends
        tenant = tenants[tenant_name]
        if step.fate != "relayed":
            count(tenant["members"][member_in], "rx", step.counted)
        if step.is_sent:
            size = step.counted if step.counted_out is None else step.counted_out
            count(tenant["members"][member_out], "tx", size)
            for _, more in step.more:
                count(tenant["members"][member_out], "tx", more)
        if step.is_dropped:
            dropped = tenant["dropped"]
            dropped[step.reason] = dropped.get(step.reason, 0) + 1
    return tenants


def count(member, direction, size):
    member[f"{direction}Packets"] += 1
    member[f"{direction}Bytes"] += size


def outputs(case, port):
    """(step, what must be sent) of all frames that leave by a port, in order."""
    steps = (s for s in in_time_order(case) if s.is_sent and s.out_port == port)
    return [(step, out) for step in steps for out in step.outs]


def in_time_order(case):
    """Ties go by port name, the order in which the inputs are given, then by file order."""
    return sorted(case.steps, key=lambda step: (step.time_ns, step.port))
