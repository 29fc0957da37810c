"""From an entry's data to an environment that runs: data sets, mocked services, persona, five pipelines.

datasets(entry, seed)   files of `mocks/data/`, and the reference rows of the services
services_code(entry)    files of `mocks/services/`
persona_page(entry)     `mocks/persona.md`
pipeline_code(entry)    file name to text of the five files of `pipelines/`
lab_files(entry)        files of `pipelines/lab/`, copies of `components/lab/`; of `pipelines/audio/` where there is sound
pipeline_tests(entry)   the tests that the pipelines know
"""

from agent.workload.catalogue import PipelineTest, pipeline_tests
from agent.workload.datasets import datasets
from agent.workload.persona import persona_page
from agent.workload.pipelines import lab_files, pipeline_code
from agent.workload.services import services_code

__all__ = ["PipelineTest", "datasets", "lab_files", "persona_page", "pipeline_code", "pipeline_tests", "services_code"]
