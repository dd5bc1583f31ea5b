# The same verbs for those whose fingers type `make`; everything is done by dev.py.
.PHONY: help app demo sync check test bench docs screenshots lock
help app demo sync check test bench docs screenshots lock:
	@python3 dev.py $@
