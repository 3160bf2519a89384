"""The ConfigMap of a release that keeps what durable servers hold."""

from kubernetes import client

from webhook.cluster.connection import ClusterError, call
from webhook.cluster.reading import ClusterReader
from webhook.floors.record import Record
from webhook.floors.text import KEY, encode_record, parse_record


def read_record(reader: ClusterReader, namespace: str, name: str) -> Record:
    """Read the record; an empty ConfigMap has none yet. Raises ClusterError, RecordError."""
    found = reader.get("ConfigMap", namespace, name)
    if found is None:
        raise ClusterError(f"there is no ConfigMap {namespace}/{name}")
    text = (found.get("data") or {}).get(KEY)
    return {} if text is None else parse_record(text)


def write_record(api: client.ApiClient, namespace: str, name: str, record: Record) -> None:
    """Write the record into its ConfigMap, which the chart creates. Raises ClusterError."""
    body = {"data": {KEY: encode_record(record)}}
    call(client.CoreV1Api(api).patch_namespaced_config_map, name, namespace, body)
