"""What pages show, shaped by functions that draw nothing."""
