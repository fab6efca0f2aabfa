"""`collocate serve` under load: many clients at once, some of whose requests are bad.

    python benchmarks/serve_load.py [--clients 100] [--seconds 30] [--workers 1]

The server is a process of its own, with Burgers' equation by the planner's own network (few steps: the answers need
not be good, only the solution's). Each client, on one connection, asks again as soon as it is answered: u, u_x and u_t
at 1 or 100 points, by turns in each format of both protocols; every tenth request is bad, by turns in each way. A good
one has to be answered by 200 and, to the byte, by what the server answered before the load, which is held against
the solution to 1e-12; a bad one by the 4xx that it deserves. Clients run in this process, on the same cores as the
server: times are of both. The server's memory is flat where the median of the last third of the run is at most
ALLOWED above that of the middle third: what it takes to warm up lies before. A row with the machine goes to `results/`.
The exit code is 1 where a good request was answered wrong or a bad one otherwise than by its 4xx, where no good one was
answered, where memory grew, or the server ended badly.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from derivatives import machine

import collocate as co
from collocate.problems import load

HERE = Path(__file__).resolve().parent
COUNTS = (1, 100)  # points of a request
BAD = 10  # one request in so many
OUTPUTS = {"u": "u", "u_x": "u.diff(x)", "u_t": "u.diff(t)"}
SETTLED = 5.0  # seconds until memory is looked at for the first time
ALLOWED = 0.03  # of memory: what it may grow within a third of a run, when it counts as flat
PREDICT, INFER = "/v1/models/burgers:predict", "/v2/models/burgers/infer"


@dataclass(frozen=True)
class Asked:
    """A request as it goes over the wire, and the status that it is to get."""

    kind: str
    wire: bytes
    status: int = 200


@dataclass
class Found:
    """What clients saw: seconds of good requests by kind, and whatever was not as it had to be."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    bad: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def request(path: str, body: bytes, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def good(points: dict[str, np.ndarray]) -> list[Asked]:
    """These points in each format."""
    count = len(points["x"])
    columns = {name: values.tolist() for name, values in points.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    tensors = [{"name": name, "shape": [count], "datatype": "FP64"} for name in points]
    data = [{**each, "data": columns[each["name"]]} for each in tensors]
    sizes = [{**each, "parameters": {"binary_data_size": 8 * count}} for each in tensors]
    head = json.dumps({"inputs": sizes, "parameters": {"binary_data_output": True}}).encode()
    binary = head + b"".join(values.astype("<f8").tobytes() for values in points.values())
    return [
        Asked(f"predict, rows, {count}", request(PREDICT, json.dumps({"instances": rows}).encode())),
        Asked(f"predict, columns, {count}", request(PREDICT, json.dumps({"inputs": columns}).encode())),
        Asked(f"infer, JSON, {count}", request(INFER, json.dumps({"inputs": data}).encode())),
        Asked(f"infer, binary, {count}", request(INFER, binary, Inference_Header_Content_Length=str(len(head)))),
    ]


def bad() -> list[Asked]:
    many = json.dumps({"inputs": {"x": [0.5] * 100_001, "t": [0.5] * 100_001}}).encode()
    return [
        Asked("no JSON", request(PREDICT, b'{"instances": ['), 400),
        Asked("NaN", request(PREDICT, b'{"inputs": {"x": [NaN], "t": [0.5]}}'), 400),
        Asked("lengths differ", request(PREDICT, b'{"inputs": {"x": [0.5, 0.5], "t": [0.5]}}'), 400),
        Asked("no such model", request("/v2/models/other/infer", b"{}"), 404),
        Asked("too many points", request(PREDICT, many), 413),
        Asked("no such route", b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    ]


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked) -> tuple[int, bytes, bytes]:
    """Status, head and body."""
    writer.write(asked.wire)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), head, await reader.readexactly(length)


async def client(
    port: int, number: int, asked: Sequence[tuple[Asked, bytes]], wrong: Sequence[Asked], until: float, found: Found
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = number
    while time.perf_counter() < until:
        turn += 1
        each, expected = (wrong[turn // BAD % len(wrong)], None) if turn % BAD == 0 else asked[turn % len(asked)]
        started = time.perf_counter()
        try:
            status, _, body = await ask(reader, writer, each)
        except (OSError, asyncio.IncompleteReadError) as error:
            found.wrong.append(f"{each.kind}: {error!r}")
            return
        if status != each.status or (expected is not None and body != expected):
            found.wrong.append(f"{each.kind}: {status} {body[:200]!r}")
        elif expected is None:
            found.bad[status] += 1
        else:
            found.seconds.setdefault(each.kind, []).append(time.perf_counter() - started)
    writer.close()


async def references(port: int, solution: co.Solution, points: dict[str, np.ndarray]) -> list[tuple[Asked, bytes]]:
    """Each good request of these points with its answer, which is the solution's."""
    expected = {name: solution.at(expression, **points) for name, expression in OUTPUTS.items()}
    found = []
    for asked in good(points):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        status, head, body = await ask(reader, writer, asked)
        writer.close()
        assert status == 200, body
        for name, values in decoded(head, body).items():
            scale = np.abs(expected[name]).max()
            assert np.abs(values - expected[name]).max() <= 1e-12 * scale, f"{asked.kind}: {name} is not the solution's"
        found.append((asked, body))
    return found


def decoded(head: bytes, body: bytes) -> dict[str, np.ndarray]:
    """The outputs of an answer in any of the formats."""
    length = head.lower().partition(b"inference-header-content-length: ")[2].partition(b"\r\n")[0]
    document = json.loads(body[: int(length)] if length else body)
    if length:
        names = [each["name"] for each in document["outputs"]]
        return dict(zip(names, np.frombuffer(body[int(length) :], "<f8").reshape(len(names), -1), strict=True))
    if "predictions" in document:
        return {name: np.array([row[name] for row in document["predictions"]]) for name in OUTPUTS}
    outputs = document["outputs"]
    return {n: np.array(v) for n, v in outputs.items()} if isinstance(outputs, dict) else {
        each["name"]: np.array(each["data"]) for each in outputs
    }  # fmt: skip


def resident(processes: Sequence[int]) -> int:
    """Bytes of memory that processes hold (Linux)."""
    pages = [int(Path(f"/proc/{number}/statm").read_text().split()[1]) for number in processes]
    return sum(pages) * 4096


def family(parent: int) -> list[int]:
    """A process and its children (Linux)."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


async def measure(process: int, port: int, solution: co.Solution, clients: int, seconds: float) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    asked = []
    for count in COUNTS:
        points = {"x": generator.uniform(-1, 1, count), "t": generator.uniform(0, 1, count)}
        asked += await references(port, solution, points)
    found, memory, wrong = Found(), [], bad()
    until = time.perf_counter() + seconds
    tasks = [asyncio.create_task(client(port, number, asked, wrong, until, found)) for number in range(clients)]
    await asyncio.sleep(min(SETTLED, seconds / 2))
    while time.perf_counter() < until:
        memory.append(resident(family(process)))
        await asyncio.sleep(1.0)
    await asyncio.gather(*tasks)
    memory.append(resident(family(process)))
    return {
        "good": {kind: figures(times) for kind, times in sorted(found.seconds.items())},
        "all": figures([each for times in found.seconds.values() for each in times]),
        "bad": {str(status): count for status, count in sorted(found.bad.items())},
        "wrong": found.wrong,
        "rss_bytes": memory,
    }


def growth(memory: Sequence[int]) -> float:
    """Of the median of the last third over that of the middle third."""
    third = max(1, len(memory) // 3)
    last, middle = memory[-third:], memory[-2 * third : -third] or memory[-third:]
    return float(np.median(last) / np.median(middle)) - 1


def faults(row: dict[str, Any]) -> list[str]:
    """What was not as it has to be, in words."""
    found = [f"wrong: {each}" for each in row["wrong"]]
    found += [] if row["all"]["requests"] else ["no good request was answered"]
    found += [f"{row['tracebacks']} tracebacks in the server's log"] if row["tracebacks"] else []
    found += [f"the server ended with {row['exit_code']}"] if row["exit_code"] else []
    if (grown := growth(row["rss_bytes"])) > ALLOWED:
        found.append(f"memory is not flat: it grew by {grown:.1%} within a third of the run")
    return found


def figures(times: Sequence[float]) -> dict[str, float]:
    if not times:
        return {"requests": 0}
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "requests": len(times),
        "p50": round(float(p50), 5),
        "p99": round(float(p99), 5),
        "max": round(max(times), 5),
    }


def run(clients: int, seconds: float, workers: int) -> dict[str, Any]:
    row: dict[str, Any] = {"date": datetime.datetime.now().isoformat(timespec="seconds"), "machine": machine()}
    row |= {"clients": clients, "seconds": seconds, "workers": workers}
    with tempfile.TemporaryDirectory() as room:
        solution = co.solve(load("burgers").problem, steps=2, mode="eager")
        file = Path(room, "burgers", "solution.collocate")
        solution.save(file)
        command = [sys.executable, "-c", "from collocate.cli.main import app; app()", "serve", str(file), "--port", "0"]
        log = Path(room, "log")
        with log.open("wb") as sink, subprocess.Popen([*command, "--workers", str(workers)], stderr=sink) as server:
            try:
                port = listening(server, log)
                row |= asyncio.run(measure(server.pid, port, solution, clients, seconds))
            finally:
                server.terminate()
        row |= {"exit_code": server.returncode, "tracebacks": log.read_text().count("Traceback")}
    return row


def listening(server: subprocess.Popen[Any], log: Path) -> int:
    """The port, once the server answers there."""
    while server.poll() is None:
        _, said, rest = log.read_text().partition("listening at http://127.0.0.1:")
        if said and "\n" in rest and log.read_text().count("startup complete") > 0:
            return int(rest.split()[0])
        time.sleep(0.1)
    raise SystemExit(f"the server ended: {log.read_text()}")


def show(row: dict[str, Any]) -> None:
    print(f"{row['clients']} clients, {row['seconds']:g} s, {row['workers']} worker(s)")
    for kind, each in [*row["good"].items(), *([("all good ones", row["all"])] if row["good"] else [])]:
        print(f"  {kind:24} {each['requests']:6} p50 {each['p50'] * 1e3:7.1f} ms  p99 {each['p99'] * 1e3:7.1f} ms")
    memory = [each / 2**20 for each in row["rss_bytes"]]
    print(f"  bad ones {row['bad']}, wrong answers {len(row['wrong'])}, tracebacks {row['tracebacks']}")
    settled, end, most = memory[0], memory[-1], max(memory)
    print(f"  memory {settled:.1f} MiB after {SETTLED:g} s, {end:.1f} MiB at the end, {most:.1f} MiB at most, ", end="")
    print(f"{growth(row['rss_bytes']):+.1%} from the middle third of the run to the last")
    print(*faults(row), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "serve-load.jsonl")
    given = parser.parse_args()
    row = run(given.clients, given.seconds, given.workers)
    show(row)
    with given.out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    sys.exit(bool(faults(row)))


if __name__ == "__main__":
    main()
