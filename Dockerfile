# syntax=docker/dockerfile:1
# Falconer with its small model: `docker build -t falconer .`; how to run it is in docs/how-to/container.md.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/falconer \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
# The dependencies first: they change less often than the code.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --group semantic --group weights --no-install-project
COPY README.md LICENSE ./
COPY app app
COPY copilot copilot
COPY evaluators evaluators
COPY tasks tasks
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --group semantic --group weights --no-editable

FROM python:${PYTHON_VERSION}-slim
# The embedded model's library needs it, and slim images lack it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home falconer \
    && install -d -o falconer -g falconer /data /work
COPY --from=build /opt/falconer /opt/falconer
ENV PATH=/opt/falconer/bin:$PATH \
    FALCONER_HOME=/data \
    PYTHONUNBUFFERED=1
USER falconer
WORKDIR /work
VOLUME /data
EXPOSE 8501
# For the default command; other commands are started with --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=8)"]
# Ctrl-C, as in a terminal: every command then puts away what it has.
STOPSIGNAL SIGINT
ENTRYPOINT ["falconer"]
CMD ["app", "--no-browser", "--host", "0.0.0.0", "--port", "8501"]
