"""What runs in a cluster already, evaluated: values and decisions; nothing here reads anything."""
