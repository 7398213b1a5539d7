"""Worker process: runs the flows and their calls to Auth0.

Reads settings, configures logs, connects, checks the namespace and the keys, runs two workers, shuts down gracefully.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
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
from activities.budget_guard import BudgetGuard
from activities.budgets import Budgets, budgets_of
from activities.logging_interceptor import CallLog
from phone_mfa.auth0 import Auth0
from phone_mfa.contracts.names import auth0_task_queue
from phone_mfa.encryption import KeyringSource
from phone_mfa.errors import CannotStartError
from phone_mfa.http_client import http_client
from phone_mfa.key_check import KeyMatch, keys_of_flows, queues_with_unknown_keys
from phone_mfa.logs import Level
from phone_mfa.process import LogJson, LogLevel, run_service, start
from phone_mfa.search_attributes import require_search_attributes
from phone_mfa.settings import Auth0Settings, BudgetSettings, FlowSettings, SealingSettings, VersionSettings
from phone_mfa.temporal import connect, core_runtime
from phone_mfa.worker_version import current_build_id, version_of
from workflows import ArgumentGuard, ChallengeWorkflow, EnrollmentWorkflow, GuardedRunner, LimitedCalls, UnknownWorkflow

SHUTDOWN_GRACE: Final = timedelta(seconds=15)
"""Longer than a call to Auth0 may take (10 s): at shutdown, running calls finish and their answers are not lost."""

STICKY_TIMEOUT: Final = timedelta(seconds=3)
"""How long a flow waits for the worker that has it cached before another takes over. Temporal's default is 10 s."""

WORKFLOWS: Final = (EnrollmentWorkflow, ChallengeWorkflow, UnknownWorkflow)

log = structlog.get_logger("worker")


Activities = Sequence[Callable[..., Awaitable[object]]]


def build_workers(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    budgets: Budgets | None = None,
    calls_per_second: float | None = None,
    cached: int = 1000,
    version: WorkerDeploymentConfig | None = None,
) -> tuple[Worker, Worker]:
    """Return the two workers of a process: one for flows and their calls to Auth0, one for rate-limited calls.

    Temporal can only rate-limit a whole task queue. Both workers always run: the setting may change while calls wait
    on the other queue. ``cached``: number of flows kept in memory; with 0 every workflow task replays its flow.
    ``version``: version of the code, if workers are versioned. ``budgets``: over all flows; by default only that of
    wrong codes, counted in this process.
    """
    budgets = budgets or Budgets()
    flows = build_flow_worker(
        client,
        activities,
        task_queue=task_queue,
        budgets=budgets,
        limited=calls_per_second is not None,
        cached=cached,
        version=version,
    )
    calls = build_call_worker(
        client, activities, task_queue=task_queue, budgets=budgets, calls_per_second=calls_per_second, version=version
    )
    return flows, calls


def build_flow_worker(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    budgets: Budgets | None = None,
    limited: bool = False,
    cached: int = 1000,
    version: WorkerDeploymentConfig | None = None,
    workflows: Sequence[type] = WORKFLOWS,
) -> Worker:
    """Return the worker for flows, and for their calls unless these are ``limited`` to a rate."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=GuardedRunner(),
        interceptors=[
            ArgumentGuard(),
            CallLog(),
            AnswerTimes(),
            BudgetGuard(budgets),
            *([LimitedCalls()] if limited else []),
        ],
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=SHUTDOWN_GRACE,
        max_cached_workflows=cached,
        max_concurrent_workflow_tasks=None if cached else 10,
        deployment_config=version,
        disable_payload_error_limit=True,  # an update's refusal contains the update, which may be too large to store
    )


def build_call_worker(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    budgets: Budgets | None = None,
    calls_per_second: float | None = None,
    version: WorkerDeploymentConfig | None = None,
) -> Worker:
    """Return the worker for rate-limited calls to Auth0 of flows on ``task_queue``."""
    return Worker(
        client,
        task_queue=auth0_task_queue(task_queue),
        activities=activities,
        interceptors=[CallLog(), AnswerTimes(), BudgetGuard(budgets)],
        max_task_queue_activities_per_second=calls_per_second,
        graceful_shutdown_timeout=SHUTDOWN_GRACE,
        deployment_config=version,
    )


async def serve(
    client: Client,
    auth0: Auth0,
    budgets: Budgets,
    task_queue: str,
    calls_per_second: float | None,
    version: WorkerDeploymentConfig | None,
) -> None:
    """Run both workers until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    flows, calls = build_workers(
        client,
        MfaActivities(auth0).all,
        task_queue=task_queue,
        budgets=budgets,
        calls_per_second=calls_per_second,
        version=version,
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


async def warn_unless_current(client: Client, settings: VersionSettings) -> None:
    """Warn if new flows go to another version, with the command that makes this one current."""
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
    """Refuse to run without the search attributes: every flow would hang in its first workflow task."""
    try:
        await require_search_attributes(client)
    except RPCError as error:
        log.warning("search_attributes.not_checked", reason=error.status.name)


async def require_keys_of_flows(client: Client, keys: KeyringSource, task_queue: str) -> None:
    """Refuse to run with another deployment's keys: the flows running here would fail."""
    try:
        match = await keys_of_flows(client, keys, task_queue)
        elsewhere = await queues_with_unknown_keys(client, keys, task_queue)
    except RPCError as error:
        log.warning("keys.not_checked", reason=error.status.name)
        return
    for queue in (*([task_queue] if match is KeyMatch.UNKNOWN else []), *elsewhere):
        log.warning("flows.sealed_with_unknown_keys", task_queue=queue)
    if match is KeyMatch.FOREIGN:
        raise CannotStartError(
            f"The flows running on task queue {task_queue} are sealed with other keys: set PHONE_MFA_KEYS to the key "
            "file they were started with."
        )


def runtime_of(metrics: str | None) -> Runtime:
    """Return Temporal's runtime, serving Prometheus metrics at an address if one is given."""
    config = PrometheusConfig(
        bind_address=metrics or "", counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    try:
        return core_runtime(config if metrics else None)
    except (RuntimeError, ValueError):
        raise CannotStartError(f"--metrics: cannot listen on {metrics}. Give HOST:PORT with a free port.") from None


async def run(calls_per_second: float | None, metrics: str | None) -> None:
    """Set everything up, then serve. Raises ``CannotStartError``."""
    auth0_settings, flow_settings, keys = Auth0Settings.read(), FlowSettings.read(), SealingSettings.read().source
    versions, budgets = VersionSettings.read(), budgets_of(BudgetSettings.read(), keys)
    client = await connect(keys, identity=flow_settings.identity, runtime=runtime_of(metrics))
    await check_search_attributes(client)
    await require_keys_of_flows(client, keys, flow_settings.task_queue)
    async with http_client() as http, aclosing(budgets.store):
        await budgets.store.warn_unless_answering()
        auth0 = Auth0(http, base_url=auth0_settings.base_url, credentials=auth0_settings.credentials)
        await warn_unless_current(client, versions)
        await serve(client, auth0, budgets, flow_settings.task_queue, calls_per_second, version_of(versions))


def main(
    max_activities_per_second: Annotated[
        float | None,
        typer.Option(min=0.01, help="Calls to Auth0 per second, across all workers, to stay under the plan's limit."),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(help="Serve Prometheus metrics at HOST:PORT.", metavar="HOST:PORT")
    ] = None,
    log_level: LogLevel = Level.INFO,
    log_json: LogJson = None,
) -> None:
    """Run the flows of phone-mfa and their calls to Auth0.

    Needs AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET (or AUTH0_PRIVATE_KEY_FILE), and PHONE_MFA_KEYS, the
    key file created by `phone-mfa keys new`. Connects to Temporal at TEMPORAL_ADDRESS, namespace TEMPORAL_NAMESPACE
    (default localhost:7233, default); Temporal's other environment variables apply too.

    All workers together stay under a rate of calls to Auth0 if each has the same --max-activities-per-second.
    """
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    start("worker", run(max_activities_per_second, metrics), log_level=log_level, log_json=log_json)


if __name__ == "__main__":
    run_service("worker", main)
