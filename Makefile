# The commands of this repository. `make run` and `make test` are the README's two.

GO      ?= go
BIN     := bin
VERSION ?=
LDFLAGS := $(if $(VERSION),-X main.version=$(VERSION))

.PHONY: run build static image test race deps deps-node lint generate check-generated bench bench-scale load soak fuzz vulncheck drills clean

run: build ## serve a fresh sample organization on 127.0.0.1:4566, in memory
	$(BIN)/bailiwick demo --ephemeral

build: ## the binary, with C for SQLite
	$(GO) build -ldflags "$(LDFLAGS)" -o $(BIN)/bailiwick ./cmd/bailiwick

static: ## one fully static Linux binary
	$(GO) build -tags netgo,osusergo,sqlite_omit_load_extension -ldflags "$(LDFLAGS) -s -w -extldflags -static" -o $(BIN)/bailiwick ./cmd/bailiwick

CONTAINER ?= docker
image: static ## the container image bailiwick:latest (CONTAINER=podman for another builder)
	rm -rf $(BIN)/image && mkdir -p $(BIN)/image/data && chmod 700 $(BIN)/image/data
	cp $(BIN)/bailiwick $(BIN)/image/bailiwick
	$(CONTAINER) build -f deploy/Containerfile -t bailiwick:$(or $(VERSION),latest) $(BIN)/image

test: deps ## every test, on SQLite and on a private PostgreSQL, with the real aws CLI
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...
	$(GO) -C tools test ./...

# Scenes of many clients, of several nodes, and of what runs in the background: under the race
# detector the server that they start is built with it, too.
RACE_SCENES := TestManyChangeTheTree|TestNodesInConflict|TestOtherNodesLearnOfChanges|TestDatabaseFailsOver|TestMasterKeyRotation|TestProgramsComeThroughTheWeather|TestFileSystemTurnsReadOnly|TestSecretsStaySecret
race: deps ## every package, and servers with many clients, under the race detector
	$(GO) test -race -timeout 40m $$($(GO) list ./... | grep -v '/e2e$$')
	$(GO) test -race -timeout 40m ./e2e -run '$(RACE_SCENES)'

deps: ## what the tests need besides Go and a C compiler
	./tools/deps.sh postgresql aws node

deps-node:
	./tools/deps.sh node

lint: ## formatting, vet and staticcheck, with the versions that tools/go.mod pins
	$(GO) -C tools build -o ../$(BIN)/ mvdan.cc/gofumpt honnef.co/go/tools/cmd/staticcheck
	@unformatted=$$($(BIN)/gofumpt -l $$(git ls-files '*.go' )); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (gofumpt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) -C tools vet ./...
	$(BIN)/staticcheck ./...

generate: deps-node ## api/, policy/serviceauth and docs/reference, from pinned sources
	cd tools/models && npm ci --ignore-scripts --no-audit --no-fund --silent
	$(GO) -C tools run ./apigen
	$(GO) -C tools run ./authgen
	mkdir -p docs/reference && $(GO) run ./cmd/bailiwick reference docs/reference

check-generated: generate ## generated files are what the generators write
	git diff --exit-code -- api policy/serviceauth iam/managed docs/reference

bench: ## the benchmarks whose figures docs/performance.md shows
	$(GO) test -run '^$$' -bench . -benchmem ./policy ./authz ./store ./wire/... ./e2e

STORE ?= sqlite
bench-scale: ## what grows with 10 to 50,000 accounts, on STORE=sqlite or STORE=postgres
	$(GO) test -run '^$$' -bench 'Scale/$(STORE)' -benchtime 1x -timeout 60m ./e2e

# LOAD=… adds flags: see bench/load, or bin/load -help.
load: build ## a mix of reads, AssumeRole and writes, beside a bare server
	$(GO) build -o $(BIN)/load ./bench/load
	$(BIN)/load -binary $(BIN)/bailiwick $(LOAD)

soak: build ## 30 minutes at 500 requests a second: memory, goroutines and file handles must not grow
	$(GO) build -o $(BIN)/load ./bench/load
	$(BIN)/load -binary $(BIN)/bailiwick -rate 500 -soak 30m -samples $(BIN)/soak.csv $(LOAD)

vulncheck: ## what is known against the dependencies; what cannot be reached is said and skipped
	mkdir -p $(BIN) && ./tools/vulncheck.sh

drills: build ## what operators fear, done to a real server: see docs/drills.md
	$(GO) test -count 1 -v ./store -run 'TestDatabaseThatIsMadeReadOnly'
	$(GO) test -count 1 -v ./cmd/bailiwick -run 'TestClientThat'
	$(GO) test -count 1 -v -timeout 30m ./e2e -run 'TestFullDisk|TestReadOnlyFileSystem|TestFileSystem|TestStopOnReadOnly|TestEventsThatCannotBeStored|TestIdleAndSlowConnections|TestSlowBody|TestMasterKey|TestKilledWhileWriting|TestDamagedDatabaseIsRestored|TestConnections'

FUZZTIME ?= 30s
fuzz: ## each fuzz test for FUZZTIME
	@for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; done

clean:
	rm -rf $(BIN)
