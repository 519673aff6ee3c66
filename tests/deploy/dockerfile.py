#!/usr/bin/env python3
"""Checks deploy/Dockerfile without Docker, as far as possible.

What it copies is in a fresh checkout and not left out by .dockerignore; the layer of dependencies has every manifest and target
that Cargo reads; the images are new enough; the user is a number; the service that it starts becomes healthy by its own check
and ends in time by its own signal.

    dockerfile.py PROGRAM
"""

import fnmatch
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = "/var/lib/jangbu"
# An empty bank is ready within a second or two, even on a busy machine.
READY_S = 60


def instructions(text):
    """Returns (instruction, rest) of each line, with continued lines joined."""
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def stages(found):
    """Returns the instructions of each stage, by name."""
    by_name, name = {}, None
    for word, rest in found:
        if word == "FROM":
            image, _, alias = rest.partition(" AS ")
            name = alias or "final"
            by_name[name] = [("FROM", image)]
        else:
            by_name[name].append((word, rest))
    return by_name


def tracked():
    """Returns the files of a fresh checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return listed.stdout.splitlines()


def in_context(files):
    """Returns the files in Docker's build context, without those in .dockerignore."""
    patterns = [line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip()]
    return [file for file in files if not any(fnmatch.fnmatch(file, p) or file.startswith(f"{p}/") for p in patterns)]


def sources(rest):
    """Returns the source stage of a COPY, its sources and its target."""
    words = rest.split()
    flags = [word for word in words if word.startswith("--")]
    *taken, to = [word for word in words if not word.startswith("--")]
    stage = next((flag.removeprefix("--from=") for flag in flags if flag.startswith("--from=")), None)
    return stage, taken, to


def check_copies(by_name, context, faults):
    for name, found in by_name.items():
        for word, rest in found:
            if word != "COPY":
                continue
            stage, taken, _ = sources(rest)
            if stage is not None:
                if stage not in by_name:
                    faults.append(f"{name}: COPY --from={stage}: there is no such stage")
                continue
            for source in taken:
                path = source.rstrip("/")
                if path != "." and not any(file == path or file.startswith(f"{path}/") for file in context):
                    faults.append(f"{name}: COPY {source}: not in a fresh checkout, or left out by .dockerignore")


def check_dependencies(build, faults):
    """Runs the instructions before the first `cargo build`, and lets Cargo read the result."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for word, rest in build:
            if word == "COPY":
                _, taken, to = sources(rest)
                for source in taken:
                    target = scratch / to
                    target.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / source, target)
            elif word == "RUN" and "cargo build" in rest:
                before, _, cargo = rest.partition("&& cargo build")
                subprocess.run(["sh", "-euc", before], cwd=scratch, check=True)
                if "--locked" not in cargo or not (scratch / "Cargo.lock").exists():
                    faults.append("build: the dependencies are built without --locked, or without Cargo.lock")
                command = ["cargo", "metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"]
                read = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
                if read.returncode != 0:
                    faults.append(f"build: Cargo cannot read the layer of dependencies: {read.stderr.strip()}")
                    return
                packages = json.loads(read.stdout)["packages"]
                whole = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
                missing = {p["name"] for p in json.loads(whole.stdout)["packages"]} - {p["name"] for p in packages}
                if missing:
                    faults.append(f"build: the layer of dependencies lacks {', '.join(sorted(missing))}")
                # Cargo does not report a declared but missing benchmark before it builds.
                declared = re.findall(r'\[\[bench\]\]\nname = "(\w+)"', (ROOT / "Cargo.toml").read_text())
                absent = [name for name in declared if not (scratch / "benches" / f"{name}.rs").exists()]
                if absent:
                    faults.append(f"build: the layer of dependencies lacks the benchmarks {', '.join(absent)}")
                return
    faults.append("build: there is no layer of dependencies")


def number(text):
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def check_images(by_name, faults):
    rust = re.search(r'rust-version = "([\d.]+)"', (ROOT / "Cargo.toml").read_text())[1]
    node = json.loads((ROOT / "static/package.json").read_text())["engines"]["node"]
    for stage, image, least in [("build", "rust", rust), ("dashboard", "node", node)]:
        tag = by_name[stage][0][1]
        if not tag.startswith(f"{image}:") or number(tag)[:1] + (number(tag) + (99,))[1:2] < number(least):
            faults.append(f"{stage}: {tag} is older than {least}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def check_service(final, program, stop_s, faults):
    """Starts the service like the image, on loopback, checks it like HEALTHCHECK, and stops it like Docker."""
    of = {word: rest for word, rest in final if word != "RUN"}
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", of.get("USER", "")):
        faults.append("final: USER is not a number other than root's, with its group")
    with tempfile.TemporaryDirectory() as scratch:
        data = str(pathlib.Path(scratch) / "bank")
        here = lambda words: [program if word == "jangbu" else word.replace(DATA, data) for word in words]
        start = here(json.loads(of["ENTRYPOINT"]) + json.loads(of["CMD"]))
        health = here(json.loads(of["HEALTHCHECK"].partition("CMD")[2]))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JANGBU_")}
        for word in shlex.split(of["ENV"]):
            name, _, value = word.partition("=")
            # Loopback, on free ports.
            environment[name] = f"127.0.0.1:{free_port()}" if value.startswith("0.0.0.0:") else value
        environment["JANGBU_PUBLIC_URL"] = "https://bank.example"
        asked = lambda: subprocess.run(health, env=environment, capture_output=True, timeout=10).returncode
        if asked() == 0:
            faults.append("final: HEALTHCHECK is content with no service at all")
        served = subprocess.Popen(start, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            until = time.monotonic() + READY_S
            while asked() != 0:
                if served.poll() is not None or time.monotonic() > until:
                    faults.append("final: the service does not become healthy by HEALTHCHECK")
                    return
                time.sleep(0.2)
            served.send_signal(getattr(signal, of["STOPSIGNAL"]))
            if served.wait(timeout=stop_s) != 0:
                faults.append(f"final: the service ends with {served.returncode} by {of['STOPSIGNAL']}")
        except subprocess.TimeoutExpired:
            faults.append(f"final: the service does not end by {of['STOPSIGNAL']}, or does not answer HEALTHCHECK")
        finally:
            served.kill()
            served.communicate()


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    text = (ROOT / "deploy/Dockerfile").read_text()
    by_name, faults = stages(instructions(text)), []
    check_copies(by_name, in_context(tracked()), faults)
    if not faults:
        check_dependencies(by_name["build"], faults)
    check_images(by_name, faults)
    drain_s = int(re.search(r'key\("limits.shutdown_timeout_s", "(\d+)",', (ROOT / "src/server/config/keys.rs").read_text())[1])
    stop_s = {int(found) for found in re.findall(r"(?:stop-timeout |stop_grace_period: |GracePeriodSeconds: )(\d+)", text)}
    if len(stop_s) != 1 or min(stop_s) <= drain_s:
        faults.append(f"the stop times {sorted(stop_s)} are not a single time longer than the shutdown timeout of {drain_s} seconds")
    check_service(by_name["final"], program, max(stop_s, default=drain_s), faults)
    for fault in faults:
        print(f"deploy/Dockerfile: {fault}", file=sys.stderr)
    sys.exit(bool(faults))


main()
