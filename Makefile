# Thin names for the programs in bin/, which work without make too.
.PHONY: run test check fmt lock journey shots setup chaos soak
.PHONY: bench bench-web bench-providers bench-ticks bench-scale replies bench-races
.PHONY: bench bench-web bench-providers bench-ticks bench-scale bench-leads

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
bench-providers:
	@bin/bench-providers
chaos:
	@bin/chaos
bench-ticks:
	@bin/bench-ticks
bench-scale:
	@bin/bench-scale
replies:
	@bin/replies
bench-races:
	@bin/bench-races
bench-leads:
	@bin/bench-leads
setup:
	@bin/setup
soak:
	@SOAK=1 bin/test tests/campaigns/test_engine.py tests/campaigns/test_races.py tests/campaigns/test_pausing.py
