"""The published JSON Schema of the events: `python -m bus.schema > docs/events/schema-v1.json`."""

import json
import sys

from bus import contract


def schema_text() -> str:
    """The text of the schema file, as it stands in `docs/events/`."""
    return json.dumps(contract.json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
