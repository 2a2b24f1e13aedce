"""A pipeline of plain Python that reports what it does: it sums what each customer ordered, and tests the sums.

Called with the namespace of its names. Where to report stands in OPENLINEAGE_URL and OPENLINEAGE_API_KEY.
"""

import sys
from collections import defaultdict
from datetime import datetime, timezone

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    schema_dataset,
)
from openlineage.client.uuid import generate_new_uuid

namespace = sys.argv[1]
PRODUCER = "https://example.org/totals"
ORDERS = [("ada", 10.5), ("grace", 7.25), ("ada", 3.0)]

client = OpenLineageClient()


def say(state, run, job, inputs=(), outputs=()):
    client.emit(
        RunEvent(
            eventType=state,
            eventTime=datetime.now(timezone.utc).isoformat(),
            run=run,
            job=job,
            producer=PRODUCER,
            inputs=list(inputs),
            outputs=list(outputs),
        )
    )


def schema(**columns):
    fields = [schema_dataset.SchemaDatasetFacetFields(name=name, type=kind) for name, kind in columns.items()]
    return schema_dataset.SchemaDatasetFacet(fields=fields)


def run_totals():
    job = Job(
        namespace=namespace,
        name="totals",
        facets={"jobType": job_type_job.JobTypeJobFacet("BATCH", "PYTHON", jobType="JOB")},
    )
    run = Run(runId=str(generate_new_uuid()))
    say(RunState.START, run, job)
    totals = defaultdict(float)
    for customer, amount in ORDERS:
        totals[customer] += amount
    orders = InputDataset(
        namespace=namespace,
        name="orders",
        facets={
            "schema": schema(customer="VARCHAR", amount="DOUBLE"),
            "version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion="5613249541547248623"),
        },
        inputFacets={
            "dataQualityMetrics": data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
                rowCount=len(ORDERS),
                columnMetrics={
                    "amount": data_quality_metrics_input_dataset.ColumnMetrics(
                        nullCount=0, min=min(amount for _, amount in ORDERS), max=max(amount for _, amount in ORDERS)
                    )
                },
            ),
            "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
                assertions=[
                    data_quality_assertions_dataset.Assertion(assertion="positive", success=True, column="amount")
                ]
            ),
        },
    )
    by = column_lineage_dataset.InputField(
        namespace=namespace,
        name="orders",
        field="customer",
        transformations=[column_lineage_dataset.Transformation(type="INDIRECT", subtype="GROUP_BY")],
    )
    summed = column_lineage_dataset.InputField(
        namespace=namespace,
        name="orders",
        field="amount",
        transformations=[column_lineage_dataset.Transformation(type="DIRECT", subtype="AGGREGATION")],
    )
    same = column_lineage_dataset.InputField(
        namespace=namespace,
        name="orders",
        field="customer",
        transformations=[column_lineage_dataset.Transformation(type="DIRECT", subtype="IDENTITY")],
    )
    made = OutputDataset(
        namespace=namespace,
        name="totals",
        facets={
            "schema": schema(customer="VARCHAR", total="DOUBLE"),
            "version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion="2"),
            "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(
                fields={
                    "customer": column_lineage_dataset.Fields(inputFields=[same]),
                    "total": column_lineage_dataset.Fields(inputFields=[summed, by]),
                }
            ),
        },
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=len(totals), size=64
            )
        },
    )
    say(RunState.COMPLETE, run, job, [orders], [made])


def run_broken():
    job = Job(namespace=namespace, name="broken")
    run = Run(runId=str(generate_new_uuid()))
    say(RunState.START, run, job)
    try:
        raise ValueError("no order is negative, and one was")
    except ValueError as error:
        run.facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
            message=str(error), programmingLanguage="python"
        )
        say(RunState.FAIL, run, job, [InputDataset(namespace=namespace, name="totals")])


run_totals()
run_broken()
client.close()
