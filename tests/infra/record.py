"""Load the whole Pulumi program of one stack under mocks and print what it asked the engine for, as JSON.

A process of its own for each stack: Pulumi's runtime keeps its state in globals.
Standard input: ``{"stack": …, "config": {key: text}, "secrets": [key, …]}``, keys without their namespace.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func

PROGRAM = Path(__file__).resolve().parents[2] / "infra"


class Engine(mocks.Mocks):
    """Answers as the Docker provider would for what the program goes on with."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs = dict(args.inputs)
        if args.typ == "docker:index/remoteImage:RemoteImage":
            outputs["imageId"] = f"sha256:of-{args.name}"
        if args.typ == "docker:index/image:Image":
            outputs["repoDigest"] = f"sha256:of-{args.name}"
        return f"{args.name}-id", outputs

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(f"the program calls {args.token}, which a preview without an engine can't answer")


class Recorder(mocks.MockMonitor):
    """Keeps each registration as the engine gets it, options included, which Mocks never see."""

    def __init__(self) -> None:
        super().__init__(Engine())
        self.requests: list[resource_pb2.RegisterResourceRequest] = []

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 - gRPC's name
        self.requests.append(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """A property as JSON, secrets as ``{"secret": value}``."""
    if rpc.is_rpc_secret(value):
        return {"secret": plain(rpc.unwrap_rpc_secret(value))}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def resource(request: resource_pb2.RegisterResourceRequest) -> dict[str, Any]:
    """One registration as JSON."""
    return {
        "type": request.type,
        "name": request.name,
        "parent": request.parent,
        "inputs": plain(rpc.deserialize_properties(request.object, keep_unknowns=True)),
        "options": {
            "protect": request.protect,
            "retain_on_delete": request.retainOnDelete,
            "delete_before_replace": request.deleteBeforeReplace,
            "replace_on_changes": list(request.replaceOnChanges),
            "depends_on": list(request.dependencies),
            "provider": request.provider or next(iter(request.providers.values()), ""),
        },
    }


def main() -> None:
    """Read the request, load the program, print the record."""
    asked = json.load(sys.stdin)
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder = Recorder()
    mocks.set_mocks(Engine(), project="atlas", stack=asked["stack"], preview=False, monitor=recorder)
    pulumi.runtime.set_all_config(
        {f"atlas:{key}": text for key, text in asked["config"].items()}, [f"atlas:{key}" for key in asked["secrets"]]
    )
    outputs: dict[str, Any] = {}

    async def collect(name: str, value: Any) -> None:
        output = pulumi.Output.from_input(value)
        outputs[name] = {"value": await output.future(), "secret": await output.is_secret()}

    exports: dict[str, Any] = {}
    pulumi.export = exports.__setitem__  # type: ignore[assignment]
    sys.path.insert(0, str(PROGRAM))

    def load() -> None:
        runpy.run_path(str(PROGRAM / "__main__.py"), run_name="__main__")

    async def run() -> None:
        await run_pulumi_func(load)
        for name, value in exports.items():
            await collect(name, value)

    try:
        asyncio.get_event_loop().run_until_complete(run())
    except pulumi.RunError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(1)
    json.dump({"resources": [resource(request) for request in recorder.requests], "outputs": outputs}, sys.stdout)


if __name__ == "__main__":
    main()
