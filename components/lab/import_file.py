"""Imports one file as a module and says on standard output, as JSON, whether that worked.

    python -P import_file.py FILE MODULE_NAME [SEARCH_PATH ...]

The answer is `{"ok": true}` or `{"ok": false, "error": "Type: message", "line": N, "missing": "module or empty"}`; `line` is the
last line of FILE that was being run. No answer means that the import ended the process.
"""

import importlib.util
import json
import os
import sys
import traceback
from typing import Any


def import_file(file: str, name: str) -> dict[str, Any]:
    """Import `file` as the module `name`; any failure becomes an answer."""
    try:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file and frame.lineno]
        if isinstance(error, SyntaxError) and error.filename == file and error.lineno:
            lines.append(error.lineno)
        missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
        return {"ok": False, "error": f"{type(error).__name__}: {error}", "line": lines[-1] if lines else 0, "missing": missing}
    return {"ok": True}


def main() -> None:
    """Import, answer, and end at once: what the module started in the background would keep the process alive."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    file, name, *places = sys.argv[1:]
    sys.path[:0] = places
    answers.write(json.dumps(import_file(file, name)))
    answers.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
