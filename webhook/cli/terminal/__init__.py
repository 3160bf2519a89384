"""Text and tables for people at a terminal."""
