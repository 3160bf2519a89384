"""Ratios side by side: absolute figures are only those of the machine they were taken on."""
