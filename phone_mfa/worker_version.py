"""Worker versions, as Temporal's worker deployments define them."""

from typing import Final

from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from .settings import Versioning, VersionSettings

_BEHAVIORS: Final = {
    Versioning.PINNED: VersioningBehavior.PINNED,
    Versioning.AUTO_UPGRADE: VersioningBehavior.AUTO_UPGRADE,
}


def version_of(settings: VersionSettings) -> WorkerDeploymentConfig | None:
    """Returns the deployment configuration of a worker. None if workers are unversioned."""
    if settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=_BEHAVIORS[settings.versioning],
    )


async def current_build_id(client: Client, deployment: str) -> str | None:
    """Returns the build id of the version that new flows run on. None if there is none yet. Raises ``RPCError``."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    try:
        described = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return described.worker_deployment_info.routing_config.current_deployment_version.build_id or None
