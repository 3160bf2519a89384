"""The administrator's policy file."""

from webhook.policyfile.file import PolicyFileError, load_policy, parse_policy

__all__ = ["PolicyFileError", "load_policy", "parse_policy"]
