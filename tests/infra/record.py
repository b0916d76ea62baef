"""Load the whole Pulumi program of one stack under mocks and tell what it asked the engine for.

A process of its own for each stack: Pulumi's runtime keeps its state in globals. ``stacks.py`` has one forked from a
process that has loaded Pulumi, which takes most of the time.

As a program it takes the arguments of ``record`` from standard input, as a JSON object, and prints the record. Settings
that can't be used end it with exit code 1 and their sentences on standard error, as the real CLI shows them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import runpy
import sys
from typing import Any

import pulumi
from google.protobuf import json_format  # type: ignore[import-untyped]
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func

# What the Docker provider adds to an image's inputs, and by what the program goes on with.
IMAGE_IDS = {"docker:index/remoteImage:RemoteImage": "imageId", "docker:index/image:Image": "repoDigest"}


def digest(value: Any) -> str:
    """A short name for a value that changes with it."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=repr).encode()).hexdigest()[:12]


def answer(type_: str, inputs: dict[str, Any]) -> dict[str, str]:
    """What the provider answers with besides the inputs."""
    return {IMAGE_IDS[type_]: f"sha256:{digest(inputs)}"} if type_ in IMAGE_IDS else {}


class Engine(mocks.Mocks):
    """Answers as the Docker provider would; a resource with other inputs has another id, as if it were replaced."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-{digest(args.inputs)}", {**args.inputs, **answer(args.typ, args.inputs)}

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(f"the program calls {args.token}, which a preview without an engine can't answer")


class Recorder(mocks.MockMonitor):
    """Keeps each registration as the engine gets it, options included, which Mocks never see."""

    def __init__(self) -> None:
        super().__init__(Engine())
        self.recorded: dict[str, dict[str, Any]] = {}

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 - gRPC's name
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self.recorded[response.urn] = resource(request) | {"id": response.id, "urn": response.urn}
        return response

    def RegisterResourceOutputs(  # noqa: N802 - gRPC's name
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> Any:
        if request.urn in self.recorded:
            self.recorded[request.urn]["outputs"] = plain(json_format.MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """A property as JSON. A secret is ``{"secret": value}``, exactly where the program made it one."""
    if isinstance(value, dict):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
            return {"secret": plain(value["value"])}
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def resource(request: resource_pb2.RegisterResourceRequest) -> dict[str, Any]:
    """One registration as JSON."""
    inputs = rpc.deserialize_properties(request.object)
    return {
        "type": request.type,
        "name": request.name,
        "parent": request.parent,
        "inputs": plain(json_format.MessageToDict(request.object)),
        "answer": answer(request.type, inputs),
        "outputs": {},
        "options": {
            "protect": request.protect,
            "retain_on_delete": request.retainOnDelete,
            "delete_before_replace": request.deleteBeforeReplace,
            "replace_on_changes": list(request.replaceOnChanges),
            "depends_on": list(request.dependencies),
            "provider": request.provider,
        },
    }


def record(program: str, stack: str, config: dict[str, str], secrets: list[str], docker_host: str = "") -> str:
    """Load the program and give its record, as JSON.

    Args:
        program: its directory.
        stack: the stack's name.
        config: Pulumi's configuration, keys without namespace.
        secrets: those keys of it that are encrypted.
        docker_host: what ``DOCKER_HOST`` says.

    Raises:
        pulumi.RunError: settings that can't be used, in the sentences that the real CLI shows.
    """
    os.environ["DOCKER_HOST"] = docker_host
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder = Recorder()
    mocks.set_mocks(Engine(), project="atlas", stack=stack, preview=False, monitor=recorder)
    pulumi.runtime.set_all_config(
        {f"atlas:{key}": text for key, text in config.items()}, [f"atlas:{key}" for key in secrets]
    )
    exports: dict[str, Any] = {}
    pulumi.export = exports.__setitem__  # type: ignore[assignment]
    sys.path.insert(0, program)

    def load() -> None:
        runpy.run_path(f"{program}/__main__.py", run_name="__main__")

    async def run() -> dict[str, Any]:
        await run_pulumi_func(load)
        outputs = {name: pulumi.Output.from_input(value) for name, value in exports.items()}
        return {
            name: {"value": await output.future(), "secret": await output.is_secret()}
            for name, output in outputs.items()
        }

    outputs = asyncio.get_event_loop().run_until_complete(run())
    return json.dumps({"resources": list(recorder.recorded.values()), "outputs": outputs})


def main() -> None:
    """Read the request, load the program, print the record."""
    try:
        print(record(**json.load(sys.stdin)))  # noqa: T201
    except pulumi.RunError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()
