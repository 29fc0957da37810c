"""Every behaviour by name."""

from collections.abc import Mapping
from types import MappingProxyType

from agent.models.faulty.code_faults import CODE_FAULTS
from agent.models.faulty.content_faults import CONTENT_FAULTS
from agent.models.faulty.contract import Behaviour, behaviour, says
from agent.models.faulty.form_faults import FORM_FAULTS
from agent.models.faulty.http_faults import HTTP_FAULTS
from agent.models.faulty.transport_faults import TRANSPORT_FAULTS

GOOD = behaviour("good", "faithful answers, from the file of replies first", lambda question: says(question, question.good))

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType(
    {row.name: row for row in (GOOD, *HTTP_FAULTS, *TRANSPORT_FAULTS, *FORM_FAULTS, *CONTENT_FAULTS, *CODE_FAULTS)}
)
