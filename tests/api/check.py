#!/usr/bin/env python3
"""The server's own description of its routes, tried on a running server by schemathesis: `check.py SERVER SCHEMATHESIS`.

The server is a fresh one on a free port of this machine, with SQLite, asked by its administrator. What is asked is the same each time.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import uuid

EXAMPLES = "20"
# Any valid Ed25519 key: the first one of RFC 8032, section 7.1.
PUBLIC_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PASSWORD = "correct horse battery"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SETTINGS = {
    "TLS": "off",
    "LISTEN": "127.0.0.1:0",
    "BACKUP_MINUTES": "0",
    "ACCESS_MINUTES": "600",
    "PASSWORD_MEMORY_KIB": "64",
    "LOG": "warn",
}


def start(server, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KETU_SERVER_")}
    environment.update({f"KETU_SERVER_{name}": value for name, value in SETTINGS.items()})
    environment["KETU_SERVER_DATA"] = os.path.join(folder, "data")
    log = open(os.path.join(folder, "log"), "wb")
    process = subprocess.Popen([server, "serve"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    said = {}
    for line in process.stdout:
        words = line.split()
        if len(words) == 2:
            said[words[0]] = words[1]
        if "code" in said:
            return process, said
    raise SystemExit(f"the server ended: {said}")


class Server:
    """What is asked before the check begins."""

    def __init__(self, said):
        self.address, self.org, self.token = said["address"], said["organisation"], None

    def ask(self, method, path, body=None):
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def enrol(self, login, code):
        body = {"org": self.org, "login": login, "password": PASSWORD, "invitation": code}
        return self.ask("POST", "/v1/enrol", {**body, "public_key": PUBLIC_KEY, "device_name": "check"})

    def push(self, epoch, author):
        """A customer of this user's."""
        record, other = str(uuid.UUID(int=0xC1)), str(uuid.UUID(int=0xA1))
        patch = {"name": [None, "Example"], "owner": [None, author]}
        op = {"op_id": other, "op_seq": 1, "tx": other, "entity": "customer", "record": record, "root": record}
        op |= {"kind": "create", "patch": patch, "base": 0, "seen": 0, "hlc": 0, "author": author}
        op |= {"origin": "form", "schema": 1}
        answer = self.ask("POST", "/v1/push", {"v": 1, "epoch": epoch, "incarnation": other, "ops": [op]})
        assert "applied" in json.dumps(answer), answer
        return record


def prepared(server, said):
    """The document, for bodies in JSON alone and with the ids of things that are there, so that more than refusals is met."""
    admin = server.enrol(said["login"], said["code"])
    server.token = admin["tokens"]["access"]
    added = server.ask("POST", "/v1/admin/users", {"login": "zhang", "name": "Zhang", "role": "manager"})
    zhang = server.enrol("zhang", added["invitation"]["code"])
    team = server.ask("POST", "/v1/admin/teams", {"name": "East"})["id"]
    customer = server.push(admin["epoch"], admin["user"])
    document = server.ask("GET", "/v1/openapi.json")
    there = {"users": added["id"], "devices": zhang["device"], "teams": team}
    for path, item in document["paths"].items():
        for operation in item.values():
            operation.get("requestBody", {}).get("content", {}).pop("application/cbor", None)
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "id":
                    parameter["schema"] = {"type": "string", "enum": [there[path.split("/")[3]]]}
                if parameter["name"] == "record":
                    parameter["schema"] = {"type": "string", "enum": [customer]}
    shapes = document["components"]["schemas"]
    for shape, field, value in [("BlobBody", "record", customer), ("ShareBody", "root", customer), ("ShareBody", "user", zhang["user"])]:
        shapes[shape]["properties"][field] = {"type": "string", "enum": [value]}
    # The messages are of this version, of this server's life and of scopes that the asker has: the engine itself is to be tried.
    scopes = ["org", "pool", f"owner:{admin['user']}", f"owner:{zhang['user']}", f"user:{admin['user']}"]
    for shape in ("Push", "Pull", "Digest", "Refetch", "Lease", "Vouch"):
        properties = shapes[shape]["properties"]
        properties["v"] = {"type": "integer", "enum": [1]}
        properties["epoch"] = {"type": "string", "enum": [admin["epoch"]]}
        if "scope" in properties:
            properties["scope"] = {"type": "string", "enum": scopes}
    operation = shapes["Op"]["properties"]
    operation["entity"] = {"type": "string", "enum": ["customer", "contact", "opportunity", "interaction", "tag", "unheard_of"]}
    operation["record"] = {"type": "string", "enum": [customer, str(uuid.UUID(int=0xC2)), str(uuid.UUID(int=0xC3))]}
    return document


def main():
    server, schemathesis = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        process, said = start(server, folder)
        try:
            own = Server(said)
            document = os.path.join(folder, "openapi.json")
            with open(document, "w", encoding="utf-8") as file:
                json.dump(prepared(own, said), file)
            command = [schemathesis, "run", document, "--url", said["address"], "--workers", "1"]
            command += ["--header", f"Authorization: Bearer {own.token}", "--header", "Accept: application/json"]
            command += ["--max-examples", EXAMPLES]
            command += ["--phases", "examples,coverage,fuzzing", "--checks", CHECKS, "--continue-on-failure"]
            command += ["--generation-deterministic", "--no-color"]
            code = subprocess.run(command, cwd=folder).returncode
        finally:
            process.terminate()
            process.wait(timeout=60)
        with open(os.path.join(folder, "log"), encoding="utf-8") as log:
            errors = [line for line in log if '"level":"ERROR"' in line]
        print("".join(errors), end="")
        sys.exit(code or int(bool(errors)) or process.returncode)


if __name__ == "__main__":
    main()
