# One image for both processes: `redis-memory-guard serve` and `redis-memory-guard-certs`. What they need is
# collected out of a base and is all there is: no pip, no shell, no package manager.
# Any base with Python 3.11 or newer as `python3`, its venv module and CA certificates will do. A tag moves: the
# workflow `release` resolves it on the day and passes the digest.
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
COPY image /source/image
RUN /opt/redis-memory-guard/bin/python3 -B /source/image/prune.py /opt/redis-memory-guard
RUN python3 -B /source/image/collect.py /opt/redis-memory-guard /collected
# The root file system is read-only where this runs, so what is not compiled here never is. Nobody
# edits the files either: `unchecked-hash` spares the look at each source file's time.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /collected -p / /collected

FROM scratch
LABEL org.opencontainers.image.title="redis-memory-guard" \
      org.opencontainers.image.description="Gives every Redis server in a cluster a working memory ceiling" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /collected /
ENV PATH=/opt/redis-memory-guard/bin:/usr/local/bin:/usr/bin \
    LANG=C.UTF-8 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# A number: the kubelet cannot tell of a name that it is not root's.
USER 65532:65532
EXPOSE 8443 8080 8081
ENTRYPOINT ["redis-memory-guard"]
CMD ["serve"]
