"""How a container comes to run its server, and where options reach it."""
