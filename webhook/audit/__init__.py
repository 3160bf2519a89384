"""What runs in a cluster already: gathered, evaluated, asked, and given its ceiling."""
