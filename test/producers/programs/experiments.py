"""Experiments as people make them with MLflow: a nested run, data, metrics, a model that is logged, registered and promoted, a
run that failed, and what was deleted. Called with the address of a tracking server and a name."""

import sys

import mlflow
import pandas as pd
from mlflow import MlflowClient

uri, name = sys.argv[1:3]
mlflow.set_tracking_uri(uri)
client = MlflowClient()
experiment = mlflow.set_experiment(name)
client.set_experiment_tag(experiment.experiment_id, "mlflow.note.content", "Learns points")

points = mlflow.data.from_pandas(
    pd.DataFrame({"x": [1, 2, 3], "y": [0.5, 1.0, 1.5]}), source="https://data.example/points.csv", name="points"
)


class Same(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[float]) -> list[float]:
        return model_input


with mlflow.start_run(run_name="parent", tags={"team": "science"}):
    mlflow.log_params({"epochs": 3, "long": "x" * 6000})
    mlflow.log_input(points, context="training", tags={"split": "a"})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("undefined", float("nan"))
    with mlflow.start_run(run_name="child", nested=True):
        mlflow.log_params({"rate": 0.1, "depth": 9})
        # Not in their order: the last of them is that of the last step.
        for step, value in ((0, 0.9), (2, 0.3), (1, 0.6)):
            mlflow.log_metric("loss", value, step=step)
        mlflow.log_metric("undefined", float("nan"))
        logged = mlflow.pyfunc.log_model(name="model", python_model=Same(), params={"depth": 3})
        mlflow.log_metric("rmse", 0.25, model_id=logged.model_id, dataset=points)

registered = f"{name}-registered"
version = mlflow.register_model(logged.model_uri, registered).version
client.update_registered_model(registered, "Tells points")
client.set_registered_model_alias(registered, "champion", version)
client.set_model_version_tag(registered, version, "approved", "yes")
client.transition_model_version_stage(registered, version, "Staging")

try:
    with mlflow.start_run(run_name="broken"):
        raise ValueError("nothing to learn")
except ValueError:
    pass

gone = client.create_run(experiment.experiment_id, run_name="gone")
client.set_terminated(gone.info.run_id)
client.delete_run(gone.info.run_id)
other = client.create_experiment(f"{name}-gone")
client.set_terminated(client.create_run(other, run_name="within").info.run_id, "KILLED")
client.delete_experiment(other)
