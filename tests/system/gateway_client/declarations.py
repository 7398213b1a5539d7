"""The type declarations of the gateway's JavaScript client, made from its OpenAPI document and its JSDoc comments.

`make client-types` writes them. It needs npm's packages, which `make setup` installs.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gateway.app import openapi_document

ROOT: Final = Path(__file__).parents[3]
CLIENT: Final = ROOT / "gateway" / "client"
NODE: Final = Path(__file__).parent / "node"

_OF_DOCUMENT: Final = "openapi.d.ts"


def run(*command: str, folder: Path) -> None:
    """Run a command of npm's packages. Raises ``AssertionError`` with what it complains about."""
    program = NODE / "node_modules" / ".bin" / command[0]
    done = subprocess.run([str(program), *command[1:]], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def check_types(folder: Path, include: Sequence[str], **options: Any) -> None:
    """Check the types of JavaScript files, strictly unless ``options`` of the compiler say otherwise.

    Writes a configuration to the folder.
    """
    configuration = {
        "extends": str(NODE / "tsconfig.json"),
        "compilerOptions": {"noEmit": True, **options},
        "include": include,
    }
    (folder / "tsconfig.json").write_text(json.dumps(configuration))
    run("tsc", "--project", ".", folder=folder)


def generated(folder: Path) -> dict[str, str]:
    """Generate the declarations in an empty folder. Returns their texts by file name."""
    schemas = openapi_document()["components"]["schemas"]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "", "version": ""},
        "paths": {},
        "components": {"schemas": schemas},
    }
    (folder / "openapi.json").write_text(json.dumps(document))
    run("openapi-typescript", "openapi.json", "--output", _OF_DOCUMENT, folder=folder)
    for script in CLIENT.glob("*.js"):
        shutil.copy(script, folder)
    emit = {"noEmit": False, "declaration": True, "emitDeclarationOnly": True}
    check_types(folder, ["*.js"], **emit)
    return {file.name: file.read_text("utf-8") for file in sorted(folder.glob("*.d.ts"))}


def main() -> None:
    """Write the declarations next to the client's files."""
    with TemporaryDirectory() as folder:
        for name, text in generated(Path(folder)).items():
            (CLIENT / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
