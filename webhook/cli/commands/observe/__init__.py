"""`observe`: the audit that goes on in the cluster."""
