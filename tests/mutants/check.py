"""Compares the mutants that survived cargo-mutants with the list of explained survivors: `make mutants`.

Fails for a survivor that is not in the list, and for an entry of the list that was tried and did not survive. Lines and
columns do not count, as they change with every edit.
"""

import pathlib
import re
import sys


def name(line):
    """Returns a mutant's name without its line and column."""
    return re.sub(r"^(\S+?\.rs):\d+(:\d+)?: ", r"\1: ", line.strip())


def read(path):
    return {name(line) for line in path.read_text().splitlines() if line.strip()} if path.exists() else set()


def main():
    out, listed = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    explained = {}
    for line in listed.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        mutant, _, reason = line.partition(" # ")
        if not reason.strip():
            sys.exit(f"{listed}: no reason is given for: {mutant}")
        explained[mutant.strip()] = reason
    survived = read(out / "missed.txt")
    killed = read(out / "caught.txt") | read(out / "timeout.txt")
    tried = survived | killed | read(out / "unviable.txt")
    if not tried:
        sys.exit("no mutant was tried")
    new = sorted(survived - explained.keys())
    gone = sorted(mutant for mutant in explained if mutant in tried and mutant not in survived)
    for mutant in new:
        print(f"survives, and is not explained: {mutant}")
    for mutant in gone:
        print(f"is explained, and does not survive: {mutant}")
    print(f"{len(tried)} mutants tried, {len(killed)} caught, {len(survived)} survive, {len(survived) - len(new)} of them explained")
    sys.exit(bool(new or gone))


main()
