"""`apply`: ceilings for running servers, without a restart."""
