# One image for every role: the worker, the gateway, the codec server, the command line, the emulator. See docs/running.md.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

# Runtime dependencies, pinned by hash, in their own environment.
COPY requirements.lock ./
RUN python -m venv /opt/phone-mfa \
    && /opt/phone-mfa/bin/pip install --require-hashes -r requirements.lock

# Build dependencies, also pinned by hash. They stay in this stage.
COPY requirements-dev.lock ./
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements-dev.lock

COPY pyproject.toml README.md LICENSE codec_server.py worker.py ./
COPY activities ./activities
COPY emulator ./emulator
COPY gateway ./gateway
COPY phone_mfa ./phone_mfa
COPY starter ./starter
COPY workflows ./workflows
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . ./emulator \
    && /opt/phone-mfa/bin/pip install --no-deps /wheels/*.whl


FROM python:3.11-slim

RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent phone-mfa \
    && install --directory --owner 10001 --group 10001 --mode 0700 /keys /api-keys
COPY --from=build /opt/phone-mfa /opt/phone-mfa

ENV PATH=/opt/phone-mfa/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /opt/phone-mfa
USER 10001:10001

# Exec form, so that the role receives SIGTERM directly. Roles: worker, gateway, codec_server, auth0_mfa_emulator, and
# starter, which is the phone-mfa command.
ENTRYPOINT ["python", "-m"]
CMD ["worker"]
