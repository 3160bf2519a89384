"""What every failure of bringing up or using a cluster derives from."""


class ClusterError(Exception):
    """The message is for the person who started it: what failed, and the end of its log."""
