"""`audit`: the Redis servers that run in a cluster already."""
