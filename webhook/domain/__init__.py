"""The evaluation of Pods: pure values in, pure values out."""
