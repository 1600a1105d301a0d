# Thin names for the programs in bin/, which work without make too.
.PHONY: run test check fmt lock journey shots setup bench bench-web

run:
	@bin/run
test:
	@bin/test
check:
	@bin/check
fmt:
	@bin/fmt
lock:
	@bin/lock
journey:
	@bin/journey
shots:
	@bin/shots
bench:
	@bin/bench
bench-web:
	@bin/bench-web
setup:
	@bin/setup
