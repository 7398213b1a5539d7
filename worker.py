"""Runs the flows and their calls to Auth0: settings, logs, connection, checks, two workers, a graceful end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated, Final

import structlog
import typer
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities import MfaActivities
from activities.answer_times import AnswerTimes
from activities.logging_interceptor import CallLog
from phone_mfa import logs
from phone_mfa.auth0 import Auth0
from phone_mfa.contracts.names import auth0_task_queue
from phone_mfa.encryption import KeyringSource
from phone_mfa.http_client import http_client
from phone_mfa.preflight import Keys, keys_of_flows, queues_of_unknown_keys
from phone_mfa.process import run_and_leave, run_command, run_to_end
from phone_mfa.search_attributes import SearchAttributesError, require_search_attributes
from phone_mfa.settings import Auth0Settings, FlowSettings, SealingSettings, SettingsError, VersionSettings
from phone_mfa.temporal import TemporalUnreachableError, connect, core
from phone_mfa.worker_version import current_build_id, version_of
from workflows import (
    ChallengeWorkflow,
    EnrollmentWorkflow,
    GuardedRunner,
    LimitedCalls,
    MessageGuard,
    UnknownWorkflow,
)

GRACE: Final = timedelta(seconds=15)
"""Longer than a call to Auth0 may take (10 s): what was begun at shutdown is finished, and its answer not lost."""

STICKY: Final = timedelta(seconds=3)
"""How long a flow waits for the worker that knows it, before any other takes over. Temporal's own default is 10 s."""

WORKFLOWS: Final = (EnrollmentWorkflow, ChallengeWorkflow, UnknownWorkflow)

log = structlog.get_logger("worker")


class NotReadyError(Exception):
    """The worker cannot run here; says why and what to do, in a sentence."""


Activities = Sequence[Callable[..., Awaitable[object]]]


def build_workers(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    calls_per_second: float | None = None,
    cached: int = 1000,
    version: WorkerDeploymentConfig | None = None,
) -> tuple[Worker, Worker]:
    """The two workers of a deployment: one for flows with their calls to Auth0, one for calls that are held to a rate.

    Only a whole task queue can be held to a rate. Both workers are there in any case: the setting may change while
    calls wait on the other queue. ``cached``: how many flows are kept in memory; with 0 each step replays its flow.
    ``version``: of the code, where workers have versions.
    """
    flows = build_flow_worker(
        client,
        activities,
        task_queue=task_queue,
        limited=calls_per_second is not None,
        cached=cached,
        version=version,
    )
    calls = build_call_worker(
        client, activities, task_queue=task_queue, calls_per_second=calls_per_second, version=version
    )
    return flows, calls


def build_flow_worker(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    limited: bool = False,
    cached: int = 1000,
    version: WorkerDeploymentConfig | None = None,
    workflows: Sequence[type] = WORKFLOWS,
) -> Worker:
    """The worker for flows, and for their calls unless these are ``limited`` to a rate."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=GuardedRunner(),
        interceptors=[MessageGuard(), CallLog(), AnswerTimes(), *([LimitedCalls()] if limited else [])],
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
        max_cached_workflows=cached,
        max_concurrent_workflow_tasks=None if cached else 10,
        deployment_config=version,
        disable_payload_error_limit=True,  # the refusal of an update holds the update, which may be too large to store
    )


def build_call_worker(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    calls_per_second: float | None = None,
    version: WorkerDeploymentConfig | None = None,
) -> Worker:
    """The worker for calls to Auth0 that are held to a rate, of flows on ``task_queue``."""
    return Worker(
        client,
        task_queue=auth0_task_queue(task_queue),
        activities=activities,
        interceptors=[CallLog(), AnswerTimes()],
        max_task_queue_activities_per_second=calls_per_second,
        graceful_shutdown_timeout=GRACE,
        deployment_config=version,
    )


async def serve(
    client: Client,
    auth0: Auth0,
    task_queue: str,
    calls_per_second: float | None,
    version: WorkerDeploymentConfig | None,
    stop: asyncio.Event,
) -> None:
    """Work until ``stop``."""
    flows, calls = build_workers(
        client, MfaActivities(auth0).all, task_queue=task_queue, calls_per_second=calls_per_second, version=version
    )
    async with flows, calls:
        build_id = version.version.build_id if version else None
        log.info(
            "worker.started",
            task_queue=task_queue,
            namespace=client.namespace,
            per_second=calls_per_second,
            build_id=build_id,
        )
        await stop.wait()
        log.info("worker.stopping")
    log.info("worker.stopped")


async def tell_unless_current(client: Client, settings: VersionSettings) -> None:
    """Say where new flows go when it is not here, and what has them come here."""
    try:
        current = await current_build_id(client, settings.deployment)
    except RPCError as error:
        log.warning("worker.version_not_checked", reason=error.status.name)
        return
    if current != settings.build_id:
        here = f"--build-id {settings.build_id}" if settings.build_id else "--unversioned"
        log.warning(
            "worker.not_current",
            build_id=settings.build_id,
            current=current,
            make_current="temporal worker deployment set-current-version --yes "
            f"--namespace {client.namespace} --deployment-name {settings.deployment} {here}",
        )


async def check_search_attributes(client: Client) -> None:
    """Refuse to run where flows could not be started; without the attributes each would hang in its first step."""
    try:
        await require_search_attributes(client)
    except RPCError as error:
        log.warning("search_attributes.not_checked", reason=error.status.name)


async def require_keys_of_flows(client: Client, keys: KeyringSource, task_queue: str) -> None:
    """Refuse to run with the keys of another deployment: the flows that run here would fail."""
    try:
        whose = await keys_of_flows(client, keys, task_queue)
        elsewhere = await queues_of_unknown_keys(client, keys, task_queue)
    except RPCError as error:
        log.warning("keys.not_checked", reason=error.status.name)
        return
    for queue in (*([task_queue] if whose is Keys.STRANGERS else []), *elsewhere):
        log.warning("flows.sealed_with_unknown_keys", task_queue=queue)
    if whose is Keys.OTHERS:
        raise NotReadyError(
            f"The flows that run on task queue {task_queue} are sealed with other keys: set PHONE_MFA_KEYS to the key "
            "file they were started with."
        )


def runtime_of(metrics: str | None) -> Runtime:
    """Temporal's core, its metrics at an address, in the shape that Prometheus wants."""
    config = PrometheusConfig(
        bind_address=metrics or "", counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    try:
        return core(config if metrics else None)
    except (RuntimeError, ValueError):
        raise NotReadyError(f"--metrics: nothing can listen on {metrics}. Give HOST:PORT of a free port.") from None


async def run(calls_per_second: float | None, metrics: str | None) -> None:
    """Set everything up, then work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    auth0_settings, flow_settings, keys = Auth0Settings.read(), FlowSettings.read(), SealingSettings.read().source
    versions = VersionSettings.read()
    client = await connect(keys, identity=flow_settings.identity, runtime=runtime_of(metrics))
    await check_search_attributes(client)
    await require_keys_of_flows(client, keys, flow_settings.task_queue)
    async with http_client() as http:
        auth0 = Auth0(http, base_url=auth0_settings.base_url, credentials=auth0_settings.credentials)
        await tell_unless_current(client, versions)
        await serve(client, auth0, flow_settings.task_queue, calls_per_second, version_of(versions), stop)


def main(
    max_activities_per_second: Annotated[
        float | None,
        typer.Option(min=0.01, help="Calls to Auth0 per second, over all workers, to stay under the plan's limit."),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(help="Serve Prometheus metrics at HOST:PORT.", metavar="HOST:PORT")
    ] = None,
    log_level: Annotated[
        logs.Level, typer.Option(case_sensitive=False, help="From how important on.")
    ] = logs.Level.INFO,
    log_json: Annotated[
        bool | None, typer.Option("--log-json/--log-text", help="By default JSON, unless on a terminal.")
    ] = None,
) -> None:
    """Run the flows of phone-mfa and their calls to Auth0.

    Needs AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET (or AUTH0_PRIVATE_KEY_FILE), and PHONE_MFA_KEYS, the
    key file that `phone-mfa keys new` makes. Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and its other
    own variables; by default localhost:7233, namespace default.
    """
    logs.configure(json=log_json, level=log_level)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    try:
        run_to_end(run(max_activities_per_second, metrics))
    except (TemporalUnreachableError, SettingsError, SearchAttributesError, NotReadyError) as error:
        log.error("worker.not_started", reason=str(error))  # noqa: TRY400 - the sentence says all
        raise typer.Exit(3 if isinstance(error, TemporalUnreachableError) else 2) from None


if __name__ == "__main__":
    run_and_leave(lambda: run_command("worker", main))
