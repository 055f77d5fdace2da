"""The judge judged: a perfect outcome passes, and every planted fault is found."""

from collections import Counter
from copy import deepcopy

from .judge import COUNTER_KEYS, expected_counters, in_time_order, judge
from .replay import Result
from .choices import Encapsulated


def perfect(case):
    """What a gateway without fault would have done; flow values are made up."""
    ports = [port["name"] for port in case.gateway["ports"]]
    result = Result(0, "", {p: [] for p in ports}, {p: [] for p in ports})
    flows = {}
    for number, step in enumerate(in_time_order(case)):
        if step.is_sent:
            flow = flows.setdefault(getattr(step.out, "flow", None) or number, len(flows))
            for part, out in enumerate(step.outs):
                ident = number + part * len(case.steps)
                result.sent[step.out_port].append((step.time_ns, made(out, ident, flow)))
        elif step.fate in ("kernel", "unsent"):
            result.kernel[step.port].append((step.time_ns, step.frame))
    dropped = dict(Counter(step.reason for step in case.steps if step.is_dropped))
    result.counters = {"dropped": dropped} | expected_counters(case, result)
    for key in COUNTER_KEYS - set(result.counters):
        result.counters[key] = {port: len(frames) for port, frames in result.kernel.items()}
    return result


def made(out, number, flow):
    if not isinstance(out, Encapsulated):
        return out.expected(b"")
    return out.made(out.tunnel.made_up(flow).with_ident(number))


def faulty(result):
    """(what was planted, outcome) pairs."""
    for port in result.sent:
        for frames, kind in ((result.sent[port], "sent"), (result.kernel[port], "kernel")):
            if not frames:
                continue
            for what, change in (
                ("a frame is missing", lambda f: f.pop()),
                ("a frame came twice", lambda f: f.append(f[-1])),
                ("a frame's last byte is wrong", lambda f: f.append(flipped(f.pop(), -1))),
                ("a frame's first byte is wrong", lambda f: f.append(flipped(f.pop(), 0))),
                ("a frame has a byte too many", lambda f: f.append(longer(f.pop()))),
            ):
                planted = deepcopy(result)
                change(getattr(planted, kind)[port])
                yield f"{port}, {kind}: {what}", planted
    for key in ("received", "sent", "kernel"):
        planted = deepcopy(result)
        planted.counters[key]["underlay"] += 1
        yield f"one more {key} counted", planted
    for key in ("generated", "consumed"):
        planted = deepcopy(result)
        planted.counters[key] += 1
        yield f"one more {key}", planted
    planted = deepcopy(result)
    planted.counters["dropped"]["truncated"] = planted.counters["dropped"].get("truncated", 0) + 1
    yield "one more drop counted", planted


def flipped(record, at):
    time_ns, frame = record
    data = bytearray(frame)
    data[at] ^= 1
    return time_ns, bytes(data)


def longer(record):
    return record[0], record[1] + b"\x00"


def judge_faults(cases):
    for case in cases:
        result = perfect(case)
        for fault in judge(case, result):
            yield f"{case.name}: a perfect outcome is called wrong: {fault}"
        for what, planted in faulty(result):
            if not judge(case, planted):
                yield f"{case.name}: not found: {what}"
