"""`demo`: the real webhook answers twelve Pods."""
