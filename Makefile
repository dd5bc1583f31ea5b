# The same verbs for those whose fingers type `make`; everything is done by dev.py.
.PHONY: help demo sync check test bench lock
help demo sync check test bench lock:
	@python3 dev.py $@
