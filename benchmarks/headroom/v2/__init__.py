"""The headroom under cgroup v2: the matrix in a virtual machine, where the kernel has it."""
