"""`doctor`: whether an installation is in order."""
