# make run  – build Linli and serve the demo county on http://127.0.0.1:8080
# make test – all tests: Go on SQLite and PostgreSQL, and the stories in a browser
# make islands – bundle web/island again after a change there (needs Node)
# A newcomer needs no other target. What is missing on the machine is said.

GO ?= go
DATA ?= ./linli-data/demo
LISTEN ?= 127.0.0.1:8080

.PHONY: islands run build test test-go test-browser test-kill bench-quick screens sheets

run: build
	bin/linli serve --demo --data $(DATA) --listen $(LISTEN)

build: need-go
	$(GO) build -o bin/linli ./cmd/linli

test: test-go test-browser

test-go: need-go
	$(GO) vet ./...
	$(GO) test -timeout 40m ./...

# The browser stories need Node, npm and Chromium. Without them the Go tests
# still run, and this says what was left out; in CI it is a failure.
test-browser: build
	@if command -v node >/dev/null && command -v npm >/dev/null && { command -v chromium >/dev/null || [ -n "$$CHROMIUM" ]; }; then \
	  (cd web/island && npm ci --silent --no-audit --no-fund && npm run --silent check) && \
	  cd test/browser && npm ci --silent --no-audit --no-fund && LINLI_BIN=$(CURDIR)/bin/linli npm test; \
	elif [ "$$CI" = true ]; then echo "CI needs node, npm and chromium for the browser stories"; exit 1; \
	else echo "left out: the browser stories (they need node, npm and chromium: apt-get install nodejs npm chromium)"; fi

# The built islands stand in web/static/built and are kept in the repository;
# the browser stories' target checks that they are what web/island builds.
islands:
	cd web/island && npm ci --silent --no-audit --no-fund && npm run --silent build

# Kills the server at random moments under load, 200 times.
test-kill: need-go
	LINLI_KILLS=200 $(GO) test ./internal/app -run TestKill -timeout 60m -v

# Whole lifecycles over HTTP against the bare engine; under five minutes, not in CI.
bench-quick: need-go
	$(GO) build -o bin/linli-bench ./cmd/linli-bench
	bin/linli-bench

# The screenshots of docs/screens, by the browser stories.
screens: build
	cd test/browser && npm ci --silent --no-audit --no-fund && LINLI_SCREENS=1 LINLI_BIN=$(CURDIR)/bin/linli npm test

# Every page once in the dark, in English and in elder mode, on contact sheets.
sheets: build
	cd test/browser && npm ci --silent --no-audit --no-fund && LINLI_BIN=$(CURDIR)/bin/linli npm run sheets

.PHONY: need-go
need-go:
	@command -v $(GO) >/dev/null || { echo "Linli needs Go 1.26 or newer (https://go.dev/doc/install)"; exit 1; }
