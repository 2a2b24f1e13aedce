"""Reads events of OpenLineage, one a line, builds each from the classes of the Python client, and has the client send it on.

Each facet that the client knows is built from its class, whose validators look at it; others are facets of their base class.
"""

import importlib
import json
import pkgutil
import sys

import attr
import openlineage.client.generated as generated
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    Dataset, DatasetEvent, InputDataset, Job, JobEvent, OutputDataset, Run, RunEvent, RunState,
)
from openlineage.client.transport.http import HttpConfig, HttpTransport

CLASSES = {}
for found in pkgutil.iter_modules(generated.__path__):
    module = importlib.import_module(f"openlineage.client.generated.{found.name}")
    CLASSES.update({name: each for name, each in vars(module).items() if attr.has(each) if isinstance(each, type)})


def facet_of(value, base):
    schema = value["_schemaURL"].split("/")[-1]
    known = CLASSES.get(schema) if "openlineage.io" in value["_schemaURL"] else None
    said = {key: each for key, each in value.items() if not key.startswith("_")}
    if known is None:
        facet = attr.make_class(schema, {key: attr.ib() for key in said}, bases=(CLASSES[base],), kw_only=True)(**said)
    else:
        # What tests came to is said of data sets by dbt too, though its class is one of inputs.
        fits = (CLASSES[base], CLASSES["InputDatasetFacet"]) if base == "DatasetFacet" else CLASSES[base]
        if not issubclass(known, fits):
            raise TypeError(f"{schema} is no {base}")
        unknown = set(said) - {each.name for each in attr.fields(known)}
        if unknown:
            raise TypeError(f"{schema} has no {sorted(unknown)}")
        facet = known(**said)
    facet._producer = value["_producer"]
    facet._schemaURL = value["_schemaURL"]
    return facet


def facets_of(values, base):
    return {name: facet_of(value, base) for name, value in (values or {}).items()}


def dataset_of(kind, value):
    more = {}
    if "inputFacets" in value:
        more["inputFacets"] = facets_of(value["inputFacets"], "InputDatasetFacet")
    if "outputFacets" in value:
        more["outputFacets"] = facets_of(value["outputFacets"], "OutputDatasetFacet")
    return kind(value["namespace"], value["name"], facets=facets_of(value.get("facets"), "DatasetFacet"), **more)


def event_of(value):
    about = {"eventTime": value["eventTime"], "producer": value["producer"]}
    if "dataset" in value:
        return DatasetEvent(dataset=dataset_of(Dataset, value["dataset"]), **about)
    job = Job(value["job"]["namespace"], value["job"]["name"], facets_of(value["job"]["facets"], "JobFacet"))
    about["inputs"] = [dataset_of(InputDataset, each) for each in value["inputs"]]
    about["outputs"] = [dataset_of(OutputDataset, each) for each in value["outputs"]]
    if "run" not in value:
        return JobEvent(job=job, **about)
    run = Run(value["run"]["runId"], facets_of(value["run"]["facets"], "RunFacet"))
    return RunEvent(eventType=RunState[value["eventType"]], run=run, job=job, **about)


client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=sys.argv[1])))
count = 0
for line in sys.stdin:
    client.emit(event_of(json.loads(line)))
    count += 1
print(count)
