"""All tools by name: the graph makes a node of each, the command line a sub-command."""

from agent.core.tool import Record, Tool
from agent.court import newcomer, proof, run_probes, warm, written
from agent.court import tests as written_tests
from agent.models import ask
from agent.workload import generate
from tools import analyze_logs, inspect_api, log_finding, read_docs, read_page, run_code, try_docs, web_search, write_code

TOOLS: dict[str, Tool[Record, Record]] = {
    module.TOOL.name: module.TOOL
    for module in (
        web_search,
        read_page,
        read_docs,
        inspect_api,
        write_code,
        run_code,
        try_docs,
        analyze_logs,
        log_finding,
        generate,
        run_probes,
        warm,
        proof,
        written_tests,
        written,
        newcomer,
        ask,
    )
}
