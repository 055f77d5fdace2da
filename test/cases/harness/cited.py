"""The conformance table names tests; whether they exist, and whether the table is whole."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "native" / "CONFORMANCE.md"
RULES = 49
# Rows whose tests stand with those of another part.
NOT_SHOWN_HERE = "see sizes"
CITATION = re.compile(r"`((?:cases|native/|unit/|netns/)[^`:]*): ([^`]+)`")
TITLE = re.compile(r"""(?:TEST_CASE|test|labTest|bad)\(\s*(["'`])(.*?)\1""", re.S)
NAME = re.compile(r"""\bname: (["'])(.*?)\1""")


def citation_faults(case_names):
    """`case_names`: those of all cases."""
    numbers = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| (\d+) \|", line)
        if row is None:
            continue
        number = int(row[1])
        numbers.append(number)
        cited = CITATION.findall(line)
        if not cited and NOT_SHOWN_HERE not in line:
            yield f"rule {number} names no test"
        for where, title in cited:
            if not exists(where, title, case_names):
                yield f"rule {number} names a test that is not there: {where}: {title}"
    if numbers != list(range(1, RULES + 1)):
        yield f"the rules are not numbered 1 to {RULES}: {numbers}"


def exists(where, title, case_names):
    if where == "cases":
        return title in case_names
    file = ROOT / "test" / where
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    titles = {found[1] for found in (*TITLE.findall(text), *NAME.findall(text))}
    return title in titles
