"""The PyTorch twin of train.mjs: the same protocol, data, starting weights, loss and output, with gradients from autograd.

Runs on the first GPU that CUDA shows, else on the CPU. Exit codes: 0 a model was written; 2 the inputs or parameters have
to be mended first, do not retry; 143 stopped by SIGTERM.
"""

import hashlib
import json
import math
import os
import platform
import signal
import sys
import time
from pathlib import Path

from protocol import InputError, choose_inputs, read_json, read_variable, read_verified, report, write_json

LABEL = "species"
FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
CHECKPOINT = Path("checkpoint.json")
REPORTS = 30
PARAMETERS = {
    "epochs": (300, "a whole number from 1 to 100000", lambda n: isinstance(n, int) and 1 <= n <= 100_000),
    "learningRate": (0.5, "a number above 0", lambda n: n > 0),
    "l2": (0.001, "a number of 0 or more", lambda n: n >= 0),
    "seed": (7, "a whole number", lambda n: isinstance(n, int)),
    "sleepMs": (0, "a number from 0 to 60000", lambda n: 0 <= n <= 60_000),
}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.stdout.reconfigure(line_buffering=True)
    torch = import_torch()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device_name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    parameters = read_parameters(read_json("WEFTLINE_PARAMETERS"))
    sleep_seconds = parameters.pop("sleepMs") / 1000
    job = f"{read_variable('WEFTLINE_JOB_ID')} attempt {read_variable('WEFTLINE_ATTEMPT')}"
    print(f"Softmax regression on penguins, job {job}, PyTorch {torch.__version__} on {device_name}, {json.dumps(parameters)}")
    data, recipe = read_data(torch, device, parameters)
    fit = Fit(torch, device, data, recipe)
    signal.signal(signal.SIGTERM, lambda *_: fit.stop())
    joules_before, reason = read_energy(torch, device)
    fit.run(sleep_seconds, read_variable("WEFTLINE_EVENTS"))
    metrics = {**fit.measure(), "device": device_name}
    if joules_before is not None:
        joules_after, reason = read_energy(torch, device)
    if reason is None:
        metrics.update(energyJoules=joules_after - joules_before, energyMethod="NVML")
    else:
        print(f"Energy is not measured: {reason}.")
    output = Path(read_variable("WEFTLINE_OUTPUT"))
    output.mkdir(parents=True, exist_ok=True)
    write_json(output / "model.json", {"kind": "softmax-regression", **recipe, **fit.coefficients()})
    write_json(output / "manifest.json", {"model": "model.json", "metrics": metrics, **circumstances(torch, parameters)})
    print(f"Done: {json.dumps(metrics)}")


def circumstances(torch, parameters):
    """What somebody who wants the same model needs beside the recipe: the seed, and what was installed."""
    packages = Path(__file__).with_name("requirements.txt").read_bytes()
    versions = {"python": platform.python_version(), "torch": torch.__version__, "cuda": torch.version.cuda}
    return {
        "seeds": {"weights": parameters["seed"]},
        "environment": {"packageLockDigest": f"sha256:{hashlib.sha256(packages).hexdigest()}", **versions},
    }


class Fit:
    """Full-batch gradient descent. `state` is replaced as a whole after each epoch, so a stop always finds a whole one."""

    def __init__(self, torch, device, data, recipe):
        self.torch, self.device, self.data, self.recipe = torch, device, data, recipe
        epoch, coefficients = self.starting_point()
        self.state = (epoch, self.tensor(coefficients["weights"]), self.tensor(coefficients["biases"]))

    def tensor(self, values):
        return self.torch.tensor(values, dtype=self.torch.float64, device=self.device, requires_grad=True)

    def starting_point(self):
        if CHECKPOINT.exists():
            checkpoint = json.loads(CHECKPOINT.read_text())
            if checkpoint["recipe"] == self.recipe:
                print(f"Going on from {CHECKPOINT} after epoch {checkpoint['epoch']}.")
                return checkpoint["epoch"], checkpoint["coefficients"]
        random = mulberry32(self.recipe["parameters"]["seed"])
        classes = self.recipe["classes"]
        weights = [[(next(random) - 0.5) * 0.02 for _ in FEATURES] for _ in classes]
        return 0, {"weights": weights, "biases": [0.0 for _ in classes]}

    def coefficients(self):
        _, weights, biases = self.state
        return {"weights": weights.tolist(), "biases": biases.tolist()}

    def run(self, sleep_seconds, events):
        parameters = self.recipe["parameters"]
        every = max(1, round(parameters["epochs"] / REPORTS))
        while self.state[0] < parameters["epochs"]:
            self.descend(parameters["learningRate"], parameters["l2"])
            epoch = self.state[0]
            if epoch in (1, parameters["epochs"]) or epoch % every == 0:
                self.report_epoch(events)
            time.sleep(sleep_seconds)

    def descend(self, learning_rate, l2):
        epoch, weights, biases = self.state
        inputs, labels = self.data["train"]
        loss = self.torch.nn.functional.cross_entropy(inputs @ weights.T + biases, labels) + l2 / 2 * weights.square().sum()
        slopes = self.torch.autograd.grad(loss, [weights, biases])
        moved = [(old - learning_rate * slope).detach().requires_grad_() for old, slope in zip((weights, biases), slopes)]
        self.state = (epoch + 1, *moved)

    def report_epoch(self, events):
        epoch, epochs = self.state[0], self.recipe["parameters"]["epochs"]
        train = self.evaluate("train")
        if not math.isfinite(train["Loss"]):
            raise InputError(f"The loss is no longer a number after epoch {epoch}; lower learningRate or l2.")
        metrics = {"loss": train["Loss"], "accuracy": train["Accuracy"]}
        if self.data["test"] is not None:
            metrics["testAccuracy"] = self.evaluate("test")["Accuracy"]
        message = f"epoch {epoch} of {epochs}"
        report(events, metrics, epoch, epoch / epochs, message)
        print(message, *(f"{name} {value:.4f}" for name, value in metrics.items()), sep="  ")

    def evaluate(self, part):
        _, weights, biases = self.state
        inputs, labels = self.data[part]
        with self.torch.no_grad():
            scores = inputs @ weights.T + biases
            loss = self.torch.nn.functional.cross_entropy(scores, labels).item()
        guesses, labels = scores.argmax(dim=1).tolist(), labels.tolist()
        f1 = []
        for index in range(len(self.recipe["classes"])):
            hits = sum(guess == label == index for guess, label in zip(guesses, labels))
            claimed_and_actual = guesses.count(index) + labels.count(index)
            f1.append(2 * hits / claimed_and_actual if claimed_and_actual else 0.0)
        right = sum(guess == label for guess, label in zip(guesses, labels))
        return {"Rows": len(labels), "Accuracy": right / len(labels), "MacroF1": sum(f1) / len(f1), "Loss": loss}

    def measure(self):
        parts = [part for part in ("train", "test") if self.data[part] is not None]
        metrics = {part + name: value for part in parts for name, value in self.evaluate(part).items()}
        return {"epochs": self.state[0], **metrics}

    def stop(self):
        write_json(CHECKPOINT, {"recipe": self.recipe, "epoch": self.state[0], "coefficients": self.coefficients()})
        print(f"Stopped by SIGTERM after epoch {self.state[0]}; {CHECKPOINT} holds what was learned so far.")
        sys.exit(143)


def import_torch():
    # cuBLAS gives the same bits each time only with this set before it starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    try:
        import torch
    except ImportError as error:
        raise InputError(f"PyTorch cannot be imported ({error}): install requirements.txt, or run train.mjs.") from error
    torch.use_deterministic_algorithms(True)
    return torch


def read_data(torch, device, parameters):
    """The rows as tensors, standardised by the training rows; and the recipe, which is all that the model depends on."""
    pins = read_json("WEFTLINE_INPUTS")["inputs"]
    train_input, test_input = choose_inputs(pins)
    tables = {"train": read_part("train", train_input), "test": test_input and read_part("test", test_input)}
    for pin in pins:
        if pin not in (train_input, test_input):
            print(f'{pin["urn"]}: neither "train" nor "test" by its name, so it is not read')
    if test_input is None:
        print("test: no such input; nothing is held out, so only the training rows are measured")
    train_rows = tables["train"][0]
    classes = sorted({row[LABEL] for row in train_rows})
    values = torch.tensor(read_numbers(train_rows), dtype=torch.float64)
    means, deviations = values.mean(dim=0), values.std(dim=0, unbiased=False)
    if not bool((deviations > 0).all()):
        raise InputError(f"One of {', '.join(FEATURES)} does not vary over the {len(train_rows)} training rows.")

    def encode(table):
        unknown = next((row[LABEL] for row in table[0] if row[LABEL] not in classes), None)
        if unknown is not None:
            raise InputError(f'A test row has {LABEL} "{unknown}", which the training rows never show.')
        inputs = (torch.tensor(read_numbers(table[0]), dtype=torch.float64) - means) / deviations
        return inputs.to(device), torch.tensor([classes.index(row[LABEL]) for row in table[0]], device=device)

    statistics = zip(FEATURES, means.tolist(), deviations.tolist())
    recipe = {
        "classes": classes,
        "features": [{"name": name, "mean": mean, "standardDeviation": deviation} for name, mean, deviation in statistics],
        "parameters": parameters,
        "inputs": {part: table and table[1] for part, table in tables.items()},
    }
    return {part: table and encode(table) for part, table in tables.items()}, recipe


def read_part(part, pin):
    rows, digest = read_verified(pin)
    missing = next((name for name in [LABEL, *FEATURES] if not rows or name not in rows[0]), None)
    if missing is not None:
        raise InputError(f'{pin["path"]} has no rows, or no column "{missing}".')
    check = "nobody pinned a digest" if pin["digest"] is None else "as pinned"
    print(f"{part}: {pin['urn']} version {pin['version']}, {len(rows)} rows, {digest}, {check}")
    return rows, digest


def read_numbers(rows):
    try:
        return [[float(row[name]) for name in FEATURES] for row in rows]
    except (TypeError, ValueError) as error:
        raise InputError(f"A measurement is not a number: {error}.") from error


def read_parameters(given):
    unknown = next((name for name in given if name not in PARAMETERS), None)
    if unknown is not None:
        raise InputError(f'There is no parameter "{unknown}"; the parameters are {", ".join(PARAMETERS)}.')
    parameters = {name: given.get(name, initial) for name, (initial, _, _) in PARAMETERS.items()}
    for name, (_, expected, accepts) in PARAMETERS.items():
        value = parameters[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not accepts(value):
            raise InputError(f"The parameter {name} is {json.dumps(value)}; it has to be {expected}.")
    return parameters


def read_energy(torch, device):
    """Joules on the GPU's own counter, and None; or None, and why it cannot be read.

    The counter is of the whole GPU, whoever uses it, and moves in steps of some tens of milliseconds.
    """
    if device.type != "cuda":
        return None, "no GPU is used"
    try:
        import pynvml
    except ImportError:
        return None, "pynvml (package nvidia-ml-py) is not installed"
    try:
        pynvml.nvmlInit()
        # By UUID: CUDA_VISIBLE_DEVICES renumbers the GPUs for CUDA, not for NVML.
        handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(device).uuid}")
        return pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000, None
    except pynvml.NVMLError as error:
        return None, f"NVML says {error}"


def mulberry32(seed):
    """The numbers of random.mjs, so that both programs start from the same weights."""
    mask = 0xFFFFFFFF
    state = seed & mask
    while True:
        state = (state + 0x6D2B79F5) & mask
        mixed = ((state ^ (state >> 15)) * (1 | state)) & mask
        mixed = ((mixed + (((mixed ^ (mixed >> 7)) * (61 | mixed)) & mask)) & mask) ^ mixed
        yield (mixed ^ (mixed >> 14)) / 4294967296


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
