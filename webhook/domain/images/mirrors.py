"""Mirrors of Docker Hub: registries from which its images come under names of their own."""

from collections.abc import Sequence

DOCKER_HUB = "docker.io"

KNOWN_MIRRORS = (
    "registry-1.docker.io",
    "registry.hub.docker.com",
    "mirror.gcr.io",
    "public.ecr.aws/docker",
    "mcr.microsoft.com/mirror/docker",
    "docker.m.daocloud.io",
    "m.daocloud.io/docker.io",
    "docker.mirrors.ustc.edu.cn",
    "hub-mirror.c.163.com",
    "registry.docker-cn.com",
    "mirror.ccs.tencentyun.com",
    "dockerhub.timeweb.cloud",
    "cr.yandex/mirror",
)
"""Public mirrors of all of Docker Hub: a registry, or one with a path before the image's own."""


def name_on_docker_hub(name: str, mirrors: Sequence[str]) -> str:
    """Give `registry/repository` as `docker.io/…` where the registry is a mirror of Docker Hub.

    `mirrors` are those of the policy. A single word behind a mirror is one of Docker's own images,
    as it is without a registry: `mirror.gcr.io/redis` is `docker.io/library/redis`.
    """
    for mirror in (*mirrors, *KNOWN_MIRRORS):
        prefix = f"{mirror.rstrip('/')}/"
        if name.startswith(prefix):
            path = name.removeprefix(prefix)
            return f"{DOCKER_HUB}/{path if '/' in path else f'library/{path}'}"
    return name
