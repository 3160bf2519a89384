# One image for both processes: `redis-memory-guard serve` and `redis-memory-guard-certs`.
# Any base with Python 3.11 or newer as `python3`, its venv module and CA certificates will do.
ARG BASE_IMAGE=python:3.13-slim

FROM ${BASE_IMAGE} AS build
RUN python3 -m venv /pip \
    && python3 -m venv --without-pip /opt/redis-memory-guard
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# The lock files come first: a change of the source alone leaves these layers as they are.
COPY requirements/build.txt requirements/serve.txt /source/requirements/
RUN /pip/bin/pip install --quiet --require-hashes --requirement /source/requirements/build.txt
RUN /pip/bin/pip --python /opt/redis-memory-guard/bin/python3 install --quiet --no-compile \
        --only-binary=:all: --require-hashes \
        --requirement /source/requirements/serve.txt
COPY pyproject.toml README.md LICENSE /source/
COPY certs /source/certs
COPY webhook /source/webhook
RUN /pip/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheel /source \
    && /pip/bin/pip --python /opt/redis-memory-guard/bin/python3 install --quiet --no-compile \
        --no-deps --no-index /wheel/*.whl
# Half of all: a second client, for asyncio, that nothing here imports.
RUN rm -r /opt/redis-memory-guard/lib/python3*/site-packages/kubernetes/aio
# The root file system is read-only where this runs, so what is not compiled here never is. Nobody
# edits the files either: `unchecked-hash` spares the look at each source file's time.
RUN /opt/redis-memory-guard/bin/python3 -m compileall -q -j 0 \
        --invalidation-mode unchecked-hash /opt/redis-memory-guard/lib

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="redis-memory-guard" \
      org.opencontainers.image.description="Gives every Redis server in a cluster a working memory ceiling" \
      org.opencontainers.image.licenses="Apache-2.0"
# The official Python images come without compiled modules of the standard library.
RUN python3 -m compileall -q -j 0 -x '/(test|tests|idlelib|lib2to3|site-packages|tkinter)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /opt/redis-memory-guard /opt/redis-memory-guard
ENV PATH=/opt/redis-memory-guard/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# A number: the kubelet cannot tell of a name that it is not root's.
USER 65532:65532
EXPOSE 8443 8080 8081
ENTRYPOINT ["redis-memory-guard"]
CMD ["serve"]
