"""Candidates on examples become trials; every model call on the way is counted, capped and stored."""
