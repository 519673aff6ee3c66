"""Fuzzes the API of a demo bank with schemathesis, for a limited time.

usage: api.py PROGRAM SECONDS [SCHEMATHESIS [SEED]]

Starts PROGRAM (`jangbu`) on a free port on a bank of its own, which is removed at the end, and has schemathesis make requests
from the OpenAPI document: as an administrator with a token of every scope, then as a member with a session. Fails when one
was answered with 5xx, or otherwise than the document says. The same seed makes the same requests, as far as time allows.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

# No rate limits for the single client, and cheap password hashing.
BUDGETS = ["CHANGES", "CREDENTIALS", "ENDINGS", "TRANSFERS", "BATCH_TRANSFERS", "LOOKUPS", "BATCH_LOOKUPS", "STAFF"]
SETTINGS = {
    "ACCESS_LOG": "false",
    "LOG": "warn",
    "PASSWORDS_MEMORY_KIB": "64",
    "PASSWORDS_ITERATIONS": "1",
    "RATES_SIGN_IN_PER_ADDRESS": "0",
    "RATES_SIGN_UP_PER_ADDRESS": "0",
    "RATES_SIGN_UP_TOTAL": "0",
    **{f"RATES_{budget}_{of}": "0" for budget in BUDGETS for of in ("PER_MEMBER", "PER_ADDRESS", "TOTAL")},
}
# What is not asked of an answer. Which requests are refused is the ledger's business: the document says with which statuses.
# The others are left out by name, as checks that are chosen by name are run for every operation, whatever the file of
# settings says of it.
LEFT_OUT = [
    "positive_data_acceptance",
    "missing_required_header",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
]
CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemathesis.toml")
# An event stream has no end, so it cannot be fuzzed.
STREAMS = "/events$"
# Operations that would end the session or change the password needed by the rest of the run.
ENDS_SESSION = r"^/api/v1/(session|sessions.*|me/password|me/totp)$"


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JANGBU_")}
    return kept | {f"JANGBU_{name}": value for name, value in SETTINGS.items()}


def start(program, data):
    """Starts the service. Returns it, its address, and the passwords that it printed."""
    arguments = [program, "serve", "--demo", "--data", data, "--listen", "127.0.0.1:0"]
    service = subprocess.Popen(arguments, env=environment(), stdout=subprocess.PIPE, text=True)
    passwords = {}
    for line in service.stdout:
        listening = re.match(r"listening on (http://\S+)", line)
        if listening:
            return service, listening[1], passwords
        login = re.match(r"  (\w+) +(?:member|teller|auditor|admin) +(\S+)$", line)
        if login:
            passwords[login[1]] = login[2]
    sys.exit(f"the service ended with {service.wait()} before it listened")


SCOPES = ("transfer", "batch", "schedule", "events", "hold", "counter", "audit", "admin_read", "admin")


def token(program, data, member="admin", scopes=SCOPES):
    """Creates a token for a member."""
    arguments = [program, "token", "create", member, "--name", "test", "--data", data]
    for scope in scopes:
        arguments += ["--scope", scope]
    printed = subprocess.run(arguments, env=environment(), capture_output=True, text=True, check=True).stdout
    return re.search(r"secret +(\S+)", printed)[1]


def cookie(url, username, password):
    """Signs in and returns the session cookie."""
    body = json.dumps({"username": username, "password": password}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/session", body, headers)
    with urllib.request.urlopen(request) as answer:
        return answer.headers["set-cookie"].split(";")[0]


def described(url, directory):
    """The document without what a caller is known by: the header with the cookie comes with every request, and what the
    fuzzer sends "without the cookie" to see it refused has it too."""
    with urllib.request.urlopen(f"{url}/api/openapi.json") as answer:
        document = json.load(answer)
    del document["components"]["securitySchemes"]
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    path = os.path.join(directory, "openapi.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return path


def fuzz(schemathesis, document, url, seconds, seed, headers, excluded, directory):
    """Returns whether every answer was valid."""
    arguments = [schemathesis, "--config-file", CONFIG, "run", document, "--url", url]
    arguments += ["--max-time", str(seconds)] + (["--seed", seed] if seed else [])
    arguments += ["--exclude-checks", ",".join(LEFT_OUT), "--warnings", "off", "--no-color", "--request-timeout", "20"]
    arguments += ["--suppress-health-check", "all", "--generation-database", "none", "--continue-on-failure"]
    arguments += ["--exclude-path-regex", "|".join(excluded)]
    for name, value in headers.items():
        arguments += ["--header", f"{name}: {value}"]
    # It leaves its findings in its working directory.
    return subprocess.run(arguments, cwd=directory).returncode == 0


def main():
    program, seconds = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    schemathesis = os.path.abspath(sys.argv[3]) if sys.argv[3:] else "schemathesis"
    seed = sys.argv[4] if sys.argv[4:] else None
    with tempfile.TemporaryDirectory() as directory:
        data = os.path.join(directory, "bank")
        service, url, passwords = start(program, data)
        try:
            bearer = {"Authorization": f"Bearer {token(program, data)}"}
            session = {"Cookie": cookie(url, "mina", passwords["mina"]), "Sec-Fetch-Site": "same-origin"}
            document, excluded = f"{url}/api/openapi.json", [STREAMS]
            good = fuzz(schemathesis, document, url, seconds * 2 // 3, seed, bearer, excluded, directory)
            document, excluded = described(url, directory), [STREAMS, ENDS_SESSION, "/admin/"]
            good &= fuzz(schemathesis, document, url, seconds // 3, seed, session, excluded, directory)
            alive = service.poll() is None
        finally:
            service.terminate()
            ended = service.wait()
        checked = subprocess.run([program, "check", "--data", data], env=environment(), stdout=subprocess.DEVNULL)
    if not alive or ended != 0:
        sys.exit(f"the service ended with {ended}")
    if checked.returncode != 0:
        sys.exit("the books do not balance")
    sys.exit(0 if good else "an answer was not what it must be: see above")


if __name__ == "__main__":
    main()
