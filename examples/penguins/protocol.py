"""What a program started by Weftline meets (docs/training-protocol.md), as protocol.mjs has it for Node."""

import csv
import hashlib
import io
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote


class InputError(Exception):
    """Something the person who started the program can mend; ends it with one sentence and exit code 2."""


def read_variable(name):
    value = os.environ.get(name)
    if not value:
        raise InputError(f"{name} is not set: start this program through Weftline, or see the README beside it.")
    return value


def read_json(variable):
    path = read_variable(variable)
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}, named by {variable}, is no JSON file: {error}.") from error


def write_json(path, value):
    """Under another name first: a file that has the name is whole, whenever the program is killed."""
    partial = Path(f"{path}.partial")
    partial.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def report(events, metrics, step, fraction, message):
    lines = [{"type": "metric", "name": name, "value": value, "step": step} for name, value in metrics.items()]
    lines.append({"type": "progress", "fraction": fraction, "message": message})
    with open(events, "a", encoding="utf-8") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))


def choose_inputs(inputs):
    """A single input is for training; else a word that starts with "train" or "test" in the name tells which is which."""
    if len(inputs) == 1:
        return inputs[0], None

    def named(word):
        names = [(pin, unquote(pin["urn"].split(":")[-1]) + " " + Path(pin["path"] or "").name) for pin in inputs]
        return [pin for pin, name in names if re.search(rf"(?<![a-z]){word}", name.lower())]

    train, test = named("train"), named("test")
    if len(train) != 1 or len(test) > 1:
        given = ", ".join(pin["urn"] for pin in inputs) or "none"
        raise InputError(
            f'Exactly one input has to have the word "train" in its name and at most one the word "test"; given: {given}.'
        )
    return train[0], test[0] if test else None


def read_verified(pin):
    """Rows and digest of an input, once its bytes are known to be the ones pinned when the job was launched."""
    if pin["path"] is None:
        raise InputError(f"{pin['urn']} lies at {pin['uri'] or 'no known place'}; this program reads local files only.")
    try:
        content = Path(pin["path"]).read_bytes()
    except OSError as error:
        raise InputError(f"{pin['path']} cannot be read: {error.strerror}.") from error
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    if pin["digest"] not in (None, digest):
        raise InputError(
            f"{pin['path']} has the digest {digest}, but version {pin['version']} of {pin['urn']} is pinned to "
            f"{pin['digest']}: the file was changed after it was published. Nothing was trained."
        )
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))), digest
