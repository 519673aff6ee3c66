"""Keeps a served bank busy with every kind of request for some minutes, and fails if its memory or latency grows.

usage: soak.py PROGRAM MINUTES [DIRECTORY]

Starts PROGRAM (`jangbu`) on a free port on a bank of its own, in DIRECTORY or in a temporary directory, which is removed at
the end. Members, tellers and auditors do what people do, at a steady pace: transfers, batches, holds that are verified,
settled and voided, linked steps, reversals, standing orders, deposits, sweeps, statements, lists, exports, and the audit
log, which grows with each of the staff's requests. Every few seconds it notes what the process takes.

It fails when a kind of request never succeeded, when one was answered with 5xx, when the service does not end well, when
`jangbu check` finds anything, and, in runs of FLAT_FROM_MINUTES or more, when a figure is not flat: the last quarter after the
warm-up is compared with the first one, within BOUNDS.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz"))
import api  # noqa: E402

# Requests per second, batches counted once. The pace is steady: growth is measured, not speed.
PACE = 60
CLIENTS = 4
# The number of transfers per batch.
BATCH = 200
# The warm-up: ten minutes, or a third of shorter runs; and until a segment of the journal has been sealed, which takes memory
# for the first time, when one is.
WARM_UP_S = 600
# Shorter runs cannot show that anything is flat.
FLAT_FROM_MINUTES = 10
# The first source of the members' money.
MEMBERS = ["mina", "joon", "seoyeon", "minjae", "haeun", "alice", "david", "sora"]

# Verification takes a moment and rejects some, and a checkpoint is due often enough to be part of what is measured.
SETTINGS = {
    "VERIFICATION_MODE": "delay",
    "VERIFICATION_MIN_MS": "20",
    "VERIFICATION_MAX_MS": "400",
    "VERIFICATION_REJECTED_PER_MILLE": "50",
}

# Each figure: how much larger the median of the last quarter may be than that of the first one, as a factor, and beyond
# that by so much, in its unit. What grows with the records by design has its room here: the filters of sealed ids take
# about a byte and a half each.
BOUNDS = {
    "rss_mib": (1.10, 8.0),
    "descriptors": (1.0, 4.0),
    "threads": (1.0, 2.0),
    "bytes_per_record": (1.15, 20.0),
    "p99_ms": (1.5, 10.0),
}


class Client:
    """A connection that is kept alive, with the token of one member."""

    def __init__(self, url, token):
        self.address = urllib.parse.urlparse(url).netloc
        self.token = token
        self.connection = None

    def ask(self, method, path, body=None, accept="application/json"):
        """Returns the status and the answer, parsed if it is JSON."""
        headers = {"authorization": f"Bearer {self.token}", "accept": accept}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["content-type"] = "application/json"
        if method == "POST":
            headers["idempotency-key"] = str(uuid.uuid4())
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address, timeout=60)
            try:
                self.connection.request(method, path, data, headers)
                answer = self.connection.getresponse()
                read = answer.read()
                break
            except (http.client.HTTPException, OSError):
                # An idle connection may have been closed by the service. The key makes the repetition safe.
                self.connection = None
                if attempt == 2:
                    raise
        is_json = "json" in (answer.getheader("content-type") or "")
        return answer.status, json.loads(read) if is_json and read else read


class Town:
    """The members, their accounts, and the results that later requests can use."""

    def __init__(self, url, tokens):
        self.url, self.tokens = url, tokens
        self.accounts = {}
        for member in MEMBERS:
            status, listed = Client(url, tokens[member]).ask("GET", "/api/v1/accounts")
            assert status == 200, listed
            self.accounts[member] = [account["number"] for account in listed["data"]]
        self.numbers = [number for numbers in self.accounts.values() for number in numbers]
        # Bounded: a client that remembers everything would itself grow.
        self.open_holds, self.posted, self.schedules = [], [], []
        self.lock = threading.Lock()

    def keep(self, where, what):
        with self.lock:
            where.append(what)
            del where[:-200]

    def take(self, where):
        with self.lock:
            return where.pop(random.randrange(len(where))) if where else None


def pair(town, member):
    sender = random.choice(town.accounts[member])
    return sender, random.choice([number for number in town.numbers if number != sender])


def transfer(town, ask, member):
    sender, receiver = pair(town, member)
    body = {"from": sender, "to": receiver, "amount": random.randint(1, 9), "reference": "soak"}
    return ask("POST", "/api/v1/transfers", body)


def batch(town, ask, member):
    items = []
    for _ in range(BATCH):
        sender, receiver = pair(town, member)
        items.append({"from": sender, "to": receiver, "amount": random.randint(1, 5)})
    return ask("POST", "/api/v1/transfers/batch", items)


def deposit(town, ask, _):
    return ask("POST", "/api/v1/deposits", {"to": random.choice(town.numbers), "amount": 200_000, "label": "soak"})


def withdraw(town, ask, _):
    return ask("POST", "/api/v1/withdrawals", {"from": random.choice(town.numbers), "amount": 3})


def hold(town, ask, member):
    sender, receiver = pair(town, member)
    status, placed = ask("POST", "/api/v1/holds", {"from": sender, "to": receiver, "amount": 20})
    if status == 201:
        town.keep(town.open_holds, placed["id"])
    return status, placed


def end_hold(town, ask, change, body):
    placed = town.take(town.open_holds)
    return ask("POST", f"/api/v1/transfers/{placed}/{change}", body) if placed else None


def settle(town, ask, _):
    return end_hold(town, ask, "settle", {"amount": 10})


def void(town, ask, _):
    return end_hold(town, ask, "void", {"reason": "soak"})


def link(town, ask, member):
    steps = [dict(zip(("from", "to"), pair(town, member)), type="transfer", amount=2) for _ in range(3)]
    status, linked = ask("POST", "/api/v1/linked", {"steps": steps})
    if status == 201:
        town.keep(town.posted, linked["id"])
    return status, linked


def reverse(town, ask, _):
    original = town.take(town.posted)
    step = {"step": random.randrange(3), "amount": 1, "label": "soak"}
    return ask("POST", f"/api/v1/transfers/{original}/reverse", step) if original else None


def sweep(town, ask, _):
    account, against = random.sample(town.numbers, 2)
    return ask("POST", "/api/v1/sweeps", {"account": account, "against": against, "target": 1_000_000})


def order(town, ask, member):
    sender, receiver = pair(town, member)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    if random.random() < 0.5:
        rule = {"every": "once", "at": soon}
    else:
        rule = {"every": "day", "time": "09:30"}
    status, made = ask("POST", "/api/v1/me/schedules", {"from": sender, "to": receiver, "amount": 4, "rule": rule})
    if status == 201 and rule["every"] == "day":
        town.keep(town.schedules, (member, made["id"]))
    return status, made


def change_order(town, ask, member):
    with town.lock:
        own = [kept for kept in town.schedules if kept[0] == member]
        if own:
            town.schedules.remove(own[0])
    if not own:
        return None
    path = f"/api/v1/me/schedules/{own[0][1]}"
    ask("POST", f"{path}/pause")
    ask("POST", f"{path}/resume")
    return ask("POST", f"{path}/cancel")


def reading(*paths, accept="application/json"):
    """Returns a request for one of these paths, with an account number or a recent moment filled in."""

    def ask_for(town, ask, member):
        own = member in town.accounts
        number = random.choice(town.accounts[member] if own else town.numbers)
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 20))
        return ask("GET", random.choice(paths).format(number=number, since=since), accept=accept)

    return ask_for


# The kinds of requests: by whom, how often among all, and what it is.
MEMBER, TELLER, AUDITOR, ADMIN = "member", "teller", "auditor", "admin"
KINDS = {
    "transfer": (MEMBER, 16, transfer),
    "batch": (MEMBER, 4, batch),
    "order": (MEMBER, 4, order),
    "change_order": (MEMBER, 2, change_order),
    "balances": (MEMBER, 6, reading("/api/v1/accounts", "/api/v1/accounts/{number}", "/api/v1/me/schedules?limit=50")),
    "statement": (MEMBER, 5, reading("/api/v1/accounts/{number}/entries?limit=50", "/api/v1/transfers?limit=50")),
    "export": (MEMBER, 1, reading("/api/v1/accounts/{number}/entries?from={since}", accept="text/csv")),
    "deposit": (TELLER, 5, deposit),
    "withdrawal": (TELLER, 3, withdraw),
    "hold": (TELLER, 6, hold),
    "settlement": (TELLER, 3, settle),
    "void": (TELLER, 2, void),
    "linked": (TELLER, 5, link),
    "reversal": (TELLER, 4, reverse),
    "sweep": (TELLER, 2, sweep),
    "staff_reads": (
        TELLER,
        10,
        reading(
            "/api/v1/admin/accounts/{number}",
            "/api/v1/accounts/{number}/entries?limit=50",
            "/api/v1/accounts/{number}/holds?limit=50",
            "/api/v1/admin/accounts?limit=50",
            "/api/v1/admin/transfers?limit=50",
        ),
    ),
    "audit_log": (AUDITOR, 5, reading("/api/v1/admin/audit?limit=50", "/api/v1/admin/audit?object=account&limit=50")),
    "audit_export": (AUDITOR, 1, reading("/api/v1/admin/audit?from={since}", accept="text/csv")),
    "engine": (ADMIN, 1, reading("/api/v1/admin/engine")),
}


class Driver:
    """Sends requests at a steady pace, and records the duration and status of each answer."""

    def __init__(self, town):
        self.town = town
        self.lock = threading.Lock()
        self.latencies, self.answered, self.failures = [], {}, []
        self.stopped = threading.Event()

    def run(self):
        clients = {}
        names, weights = list(KINDS), [weight for _, weight, _ in KINDS.values()]
        due = time.monotonic()
        while not self.stopped.is_set():
            name = random.choices(names, weights)[0]
            who, _, request = KINDS[name]
            member = random.choice(MEMBERS) if who == MEMBER else who
            client = clients.setdefault(member, Client(self.town.url, self.town.tokens[member]))
            due += CLIENTS / PACE
            self.stopped.wait(max(0.0, due - time.monotonic()))
            # If it is behind by more than a second, for example after a suspension, it does not try to
            # catch up.
            due = max(due, time.monotonic() - 1)
            try:
                began = time.monotonic()
                # Requests that need several parties: staff use a member's account.
                answer = request(self.town, client.ask, member if who == MEMBER else self.party(request, member))
                took = time.monotonic() - began
            except (OSError, http.client.HTTPException) as error:
                self.note(name, None, f"{name}: {error!r}")
                return
            if answer is not None:
                status, said = answer
                wrong = f"{name}: {status} {said!r}"[:300] if status >= 500 else None
                self.note(name, status, wrong, took)

    def party(self, request, member):
        return random.choice(MEMBERS) if request in (hold, link) else member

    def note(self, name, status, wrong, took=None):
        with self.lock:
            answered = self.answered.setdefault(name, {})
            answered[status] = answered.get(status, 0) + 1
            if took is not None:
                self.latencies.append(took)
            if wrong:
                self.failures.append(wrong)

    def take_latencies(self):
        with self.lock:
            taken, self.latencies = self.latencies, []
        return taken


class Disk:
    """A bank's directory. Segments are allocated in full ahead of time, so only their written part counts."""

    def __init__(self, data):
        self.data, self.ends = data, {}

    def bytes(self):
        total = 0
        for directory, _, files in os.walk(self.data):
            for name in files:
                path = os.path.join(directory, name)
                try:
                    total += self.end(path) if name.endswith((".segment", ".making")) else os.stat(path).st_blocks * 512
                except FileNotFoundError:
                    continue
        return total

    def sealed(self):
        """Returns the number of sealed segments, which have a sidecar."""
        return sum(name.endswith(".index") for name in os.listdir(os.path.join(self.data, "journal")))

    def end(self, path):
        """Returns the offset of the zeros at the end of a segment."""
        end = self.ends.get(path, 0)
        with open(path, "rb") as segment:
            segment.seek(end)
            while chunk := segment.read(1 << 20):
                written = len(chunk.rstrip(b"\0"))
                if written == 0:
                    break
                end = segment.tell() - len(chunk) + written
        self.ends[path] = end
        return end


def metric(client, name):
    _, text = client.ask("GET", "/metrics", accept="text/plain")
    for line in text.decode().splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[1])
    sys.exit(f"/metrics does not have {name}")


def sample(pid, disk, client, latencies):
    with open(f"/proc/{pid}/status") as status:
        rss = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    ordered = sorted(latencies)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] if ordered else 0.0
    return {
        "at": time.monotonic(),
        "rss_mib": rss / 1024,
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
        "threads": len(os.listdir(f"/proc/{pid}/task")),
        "disk": disk.bytes(),
        "sealed": disk.sealed(),
        "records": metric(client, "jangbu_durable_position"),
        "unstored": metric(client, "jangbu_checkpoint_age_records"),
        "requests": len(latencies),
        "p99_ms": p99 * 1000,
    }


def per_record(samples):
    """Returns the bytes on disk per record between the first and the last sample."""
    first, last = samples[0], samples[-1]
    return (last["disk"] - first["disk"]) / max(1.0, last["records"] - first["records"])


def judge(samples, warm_up):
    """Returns the figures that grew, with their values in the first and the last quarter after the warm-up."""
    begin = samples[0]["at"] + warm_up
    first_sealed = next((one["at"] for one in samples if one["sealed"] > 0), begin)
    # The next sample is the first steady one.
    steady = [one for one in samples if one["at"] >= begin and one["at"] > first_sealed]
    if len(steady) < 8:
        return ["too little of the run came after the warm-up"]
    quarter = len(steady) // 4
    first, last = steady[:quarter], steady[-quarter:]
    wrong = []
    print(f"{'after the warm-up':20} {'first quarter':>14} {'last quarter':>14} {'may be':>10}")
    for name, (factor, more) in BOUNDS.items():
        if name == "bytes_per_record":
            # Compares halves, because a checkpoint writes part of a period at its end.
            middle = len(steady) // 2
            before, after = per_record(steady[: middle + 1]), per_record(steady[middle:])
        else:
            before, after = (statistics.median(one[name] for one in part) for part in (first, last))
        most = before * factor + more
        print(f"{name:20} {before:14.1f} {after:14.1f} {most:10.1f}")
        if after > most:
            wrong.append(f"{name} went from {before:.1f} to {after:.1f}")
    return wrong


def show(number, one):
    print(
        f"{number:5} {one['rss_mib']:8.1f} MiB {one['descriptors']:4} fd {one['threads']:4} threads "
        f"{one['disk'] / 2**20:9.1f} MiB disk {one['sealed']:3} sealed {one['records']:10.0f} records {one['unstored']:8.0f} not stored "
        f"{one['requests']:6} requests p99 {one['p99_ms']:7.1f} ms",
        flush=True,
    )


def soak(program, minutes, data):
    service, url, _ = api.start(program, data)
    wrong, samples = [], []
    try:
        scopes = {
            TELLER: ("admin_read", "counter", "hold"),
            AUDITOR: ("admin_read", "audit"),
            ADMIN: ("admin_read", "audit", "admin"),
        }
        own = ("read", "transfer", "batch", "schedule", "events")
        tokens = {
            member: api.token(program, data, member, scopes.get(member, own))
            for member in [*MEMBERS, TELLER, AUDITOR, ADMIN]
        }
        town = Town(url, tokens)
        teller = Client(url, tokens[TELLER])
        for number in town.numbers:
            teller.ask("POST", "/api/v1/deposits", {"to": number, "amount": 1_000_000})
        driver = Driver(town)
        workers = [threading.Thread(target=driver.run) for _ in range(CLIENTS)]
        for worker in workers:
            worker.start()
        every, end = max(2.0, min(10.0, minutes)), time.monotonic() + minutes * 60
        watcher, disk = Client(url, tokens[ADMIN]), Disk(data)
        while time.monotonic() < end and service.poll() is None and not driver.failures:
            driver.stopped.wait(min(every, max(0.1, end - time.monotonic())))
            samples.append(sample(service.pid, disk, watcher, driver.take_latencies()))
            show(len(samples), samples[-1])
        driver.stopped.set()
        for worker in workers:
            worker.join()
        wrong += driver.failures[:5]
        for name in KINDS:
            answered = driver.answered.get(name, {})
            print(f"{name:14} " + ", ".join(f"{status}: {count}" for status, count in sorted(answered.items(), key=str)))
            if not any(status is not None and status < 300 for status in answered):
                wrong.append(f"no {name} succeeded: {answered}")
    finally:
        service.terminate()
        ended = service.wait()
    if ended != 0:
        wrong.append(f"the service ended with {ended}")
    if subprocess.run([program, "check", "--data", data], env=api.environment()).returncode != 0:
        wrong.append("jangbu check found a fault")
    if minutes >= FLAT_FROM_MINUTES:
        wrong += judge(samples, min(WARM_UP_S, minutes * 60 / 3))
    else:
        print(f"shorter than {FLAT_FROM_MINUTES} minutes: that it is flat was not judged")
    return wrong


def main():
    program, minutes = os.path.abspath(sys.argv[1]), float(sys.argv[2])
    api.SETTINGS.update(SETTINGS)
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if sys.argv[3:] else None) as directory:
        wrong = soak(program, minutes, os.path.join(directory, "bank"))
    for what in wrong:
        print(f"wrong: {what}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
