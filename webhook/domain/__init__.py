"""The judgement of Pods: pure values in, pure values out."""
