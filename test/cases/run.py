#!/usr/bin/env python3
"""Runs all cases, or those whose name contains an argument; prints one JSON line per case.

Lines: {"name": ..., "faults": [...]}. Exit code 1 if anything is at fault. `--keep DIR` leaves
every case's files in DIR.
"""

import argparse
import json
import os
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

from harness.case import Case  # noqa: E402
from harness.cited import citation_faults  # noqa: E402
from harness.judge import judge  # noqa: E402
from harness.planted import judge_faults  # noqa: E402
from harness.replay import PROGRAM, Runners, replay  # noqa: E402
from harness.tshark import tshark_faults  # noqa: E402
from suite import ALL_CASES, COMPARISONS  # noqa: E402
from suite.reasons import reason_faults  # noqa: E402

MOST_FAULTS = 8


def run_case(case, folder):
    """(faults, result); a crash of the judge is a fault of the case."""
    try:
        if not isinstance(case, Case):
            return case.run(folder / case.name), None
        result = replay(case, folder / case.name)
        return judge(case, result), result
    except Exception:  # pylint: disable=broad-except
        return [traceback.format_exc()], None


def run_all(cases, folder):
    """Yields (name, faults)."""
    small = [case for case in cases if isinstance(case, Case) and len(case.steps) < 20]
    yield "judge-finds-every-planted-fault", list(judge_faults(small))
    names = {case.name for case in ALL_CASES} | {name for name, _, _ in COMPARISONS}
    yield "conformance-table-names-tests-that-exist", list(citation_faults(names))
    results = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        runs = [(case, pool.submit(run_case, case, folder)) for case in cases]
        for case, run in runs:
            faults, result = run.result()
            yield case.name, faults
            if result is not None and result.exit_code == 0:
                results[case.name] = (case, result)
    for runner in Runners.all:
        runner.stop()
    for name, needs, compare in COMPARISONS:
        if all(need in results for need in needs):
            yield name, list(compare(*[results[need] for need in needs]))
    if len(cases) == len(ALL_CASES):
        outcomes = [result for _, result in results.values()]
        yield "every-drop-reason-of-a-packet-appears", list(reason_faults(outcomes))
    yield "tshark-finds-nothing-malformed", list(tshark_faults(results.values(), folder))


def shortened(faults):
    """The first faults say most; one wrong frame shifts all that follow."""
    if len(faults) <= MOST_FAULTS:
        return faults
    return [*faults[:MOST_FAULTS], f"and {len(faults) - MOST_FAULTS} more"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="", help="part of a case's name")
    parser.add_argument("--keep", metavar="DIR", help="leave the files of every case here")
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is missing: run `npm run build` first")
    cases = [case for case in ALL_CASES if arguments.part in case.name]
    failed = False
    with tempfile.TemporaryDirectory(prefix="adit-cases-") as scratch:
        for name, faults in run_all(cases, Path(arguments.keep or scratch)):
            failed = failed or bool(faults)
            print(json.dumps({"name": name, "faults": shortened(faults)}), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
