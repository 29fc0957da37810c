"""The mocked services of an entry, one readable file each; their reference rows are among the data sets."""

from agent.core.roadmap import Entry
from agent.workload.rendering import render

FOLDER = "mocks/services"


def class_name(service: str) -> str:
    """`card_ledger` gives `CardLedger`."""
    return "".join(part.capitalize() for part in service.split("_"))


def services_code(entry: Entry) -> dict[str, str]:
    """Python files of `mocks/services/` by path; independent of the seed."""
    services = entry.workload.services
    classes = {service.name: class_name(service.name) for service in services}
    files = {f"{FOLDER}/__init__.py": render("services.py.j2", entry=entry, services=services, classes=classes)}
    for service in services:
        files[f"{FOLDER}/{service.name}.py"] = render("service.py.j2", entry=entry, service=service, cls=classes[service.name])
    return files
