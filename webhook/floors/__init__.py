"""What durable servers were seen to hold: kept by the audit in the cluster for the webhook."""
