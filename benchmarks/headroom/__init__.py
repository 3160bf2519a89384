"""The headroom matrix: does a server survive its workload under a memory limit?"""
