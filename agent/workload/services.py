"""The mocked services of an entry, one readable file each, with their reference rows beside them."""

import json

from agent.core.roadmap import Entry
from agent.workload.rendering import render
from agent.workload.values import service_rows

FOLDER = "mocks/services"


def class_name(service: str) -> str:
    """`card_ledger` gives `CardLedger`."""
    return "".join(part.capitalize() for part in service.split("_"))


def services_code(entry: Entry) -> dict[str, str]:
    """Files of `mocks/services/` by path; independent of the seed."""
    workload = entry.workload
    classes = {service.name: class_name(service.name) for service in workload.services}
    files = {f"{FOLDER}/__init__.py": render("services.py.j2", entry=entry, services=workload.services, classes=classes)}
    for service in workload.services:
        files[f"{FOLDER}/{service.name}.py"] = render("service.py.j2", entry=entry, service=service, cls=classes[service.name])
        if service.rows:
            rows = service_rows(service, workload)
            files[f"{FOLDER}/{service.name}.jsonl"] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return files
