"""What an audit of a cluster found, and its renderings."""
