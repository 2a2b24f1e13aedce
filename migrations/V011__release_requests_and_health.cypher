// A release asked for twice under one key is made once: the constraint decides which of two requests it is.
CREATE CONSTRAINT release_request_key IF NOT EXISTS FOR (q:ReleaseRequest) REQUIRE q.key IS UNIQUE;

// One node of health for each deployment, beside it: heartbeats come every few seconds and change nothing of the asset.
CREATE CONSTRAINT deployment_health IF NOT EXISTS FOR (h:DeploymentHealth) REQUIRE h.deploymentId IS UNIQUE;
