import pytest

from webhook.domain.kubernetes.image_reference import Image, ImageError, parse_image

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA384 = "sha384:" + "0123456789abcdef" * 6
SHA512 = "sha512:" + "0123456789abcdef" * 8


def image(
    repository: str,
    *,
    registry: str = "docker.io",
    tag: str | None = None,
    digest: str | None = None,
) -> Image:
    return Image(registry=registry, repository=repository, tag=tag, digest=digest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis", image("library/redis")),
        ("redis:7", image("library/redis", tag="7")),
        ("library/redis", image("library/redis")),
        ("docker.io/redis", image("library/redis")),
        ("docker.io/library/redis:7", image("library/redis", tag="7")),
        ("index.docker.io/redis", image("library/redis")),
        ("INDEX.docker.io/redis", image("library/redis")),
        ("DOCKER.IO/redis", image("library/redis")),
        ("docker.io./redis", image("library/redis")),
        ("bitnami/redis", image("bitnami/redis")),
        ("docker.io/bitnami/redis:7.2", image("bitnami/redis", tag="7.2")),
        ("docker.io:443/redis", image("redis", registry="docker.io:443")),
        ("localhost/redis", image("redis", registry="localhost")),
        ("host:5000/redis", image("redis", registry="host:5000")),
        ("host:5000/a/b/redis:7", image("a/b/redis", registry="host:5000", tag="7")),
        ("Ghcr.IO/valkey-io/valkey", image("valkey-io/valkey", registry="ghcr.io")),
        ("REGISTRY/redis", image("redis", registry="registry")),
        ("ghcr.io.:443/redis", image("redis", registry="ghcr.io:443")),
        ("127.0.0.1/redis", image("redis", registry="127.0.0.1")),
        ("[::1]:5000/redis", image("redis", registry="[::1]:5000")),
        ("[FE80::1]/redis:7", image("redis", registry="[fe80::1]", tag="7")),
        ("a--b.c/redis", image("redis", registry="a--b.c")),
        (f"redis@{SHA256}", image("library/redis", digest=SHA256)),
        (f"redis:7@{SHA256}", image("library/redis", tag="7", digest=SHA256)),
        (f"host:5000/redis@{SHA384}", image("redis", registry="host:5000", digest=SHA384)),
        (f"redis@{SHA512}", image("library/redis", digest=SHA512)),
        ("a/b.c_d__e---f/redis.x", image("a/b.c_d__e---f/redis.x")),
        ("redis:_A.b-C", image("library/redis", tag="_A.b-C")),
        ("redis:" + "a" * 128, image("library/redis", tag="a" * 128)),
        ("x.y/" + "a" * 255, image("a" * 255, registry="x.y")),
        ("0" * 63, image("library/" + "0" * 63)),
    ],
)
def test_legal_references_are_normalised(text: str, expected: Image) -> None:
    assert parse_image(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a repository name: ''"),
        (" redis", "not a repository name: ' redis'"),
        ("redis\n", "not a repository name: 'redis\\n'"),
        ("Redis", "not a repository name: 'Redis'"),
        ("/redis", "not a repository name: '/redis'"),
        ("redis/", "not a repository name: 'redis/'"),
        ("ghcr.io/", "not a repository name: ''"),
        ("a//redis", "not a repository name: 'a//redis'"),
        ("a/-redis", "not a repository name: 'a/-redis'"),
        ("a/redis_", "not a repository name: 'a/redis_'"),
        ("a/red..is", "not a repository name: 'a/red..is'"),
        ("a/red___is", "not a repository name: 'a/red___is'"),
        ("a/rédis", "not a repository name: 'a/rédis'"),
        ("x.y/" + "a" * 256, "a repository name longer than 255 characters"),
        ("foo_bar:5000/redis", "not a registry: 'foo_bar:5000'"),
        ("http://x/redis", "not a registry: 'http:'"),
        ("-a.b/redis", "not a registry: '-a.b'"),
        ("host:port/redis", "not a registry: 'host:port'"),
        ("redis./x", "not a registry: 'redis.'"),
        ("a..b/x", "not a registry: 'a..b'"),
        ("a.b../x", "not a registry: 'a.b..'"),
        ("[::1].:5000/x", "not a registry: '[::1].:5000'"),
        ("[::g]/x", "not a registry: '[::g]'"),
        ("\N{KELVIN SIGN}.io/x", "not a registry: '\N{KELVIN SIGN}.io'"),
        ("redis:", "not a tag: ''"),
        ("redis:-x", "not a tag: '-x'"),
        ("redis:7:8", "not a tag: '7:8'"),
        ("redis:" + "a" * 129, f"not a tag: '{'a' * 80}...'"),
        ("redis@", "not a digest: ''"),
        ("redis@sha256:abc", "not a digest: 'sha256:abc'"),
        (f"redis@{SHA256.upper()}", f"not a digest: '{SHA256.upper()}'"),
        ("redis@sha256:" + "A" * 64, f"not a digest: 'sha256:{'A' * 64}'"),
        ("redis@md5:" + "0" * 32, f"not a digest: 'md5:{'0' * 32}'"),
        ("0" * 64, f"an image identifier, not a reference: '{'0' * 64}'"),
        (
            "karpully/karpully-backend:#{Build.BuildId}#",
            "not an image reference but a template: 'karpully/karpully-backend:#{Build.BuildId}#'",
        ),
        (
            "host:5000/${NAMESPACE}/redis-exporter",
            "not an image reference but a template: 'host:5000/${NAMESPACE}/redis-exporter'",
        ),
        ("{{ .Values.image }}", "not an image reference but a template: '{{ .Values.image }}'"),
        ("<your-registry>/redis", "not an image reference but a template: '<your-registry>/redis'"),
    ],
)
def test_illegal_references_are_refused_by_the_part_that_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ImageError) as refused:
        parse_image(text)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("redis", "docker.io/library/redis"),
        ("Ghcr.io/a/b:7", "ghcr.io/a/b:7"),
        ("Registry/redis", "REGISTRY/redis"),
        ("LOCALHOST/redis", "localhost/redis"),
        (f"host:5000/redis:7@{SHA256}", f"host:5000/redis:7@{SHA256}"),
    ],
)
def test_the_text_of_an_image_parses_to_the_same_image(text: str, canonical: str) -> None:
    image = parse_image(text)

    assert str(image) == canonical
    assert parse_image(canonical) == image
