"""YAML as kubectl reads it, bounded against hostile text, with the lines kept."""
