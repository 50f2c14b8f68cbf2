# Everything is done by bin/mingcha (Python's standard library only); this file only names the commands.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
MINGCHA = $(if $(PYTHON),$(PYTHON),$(error Python 3.11 is needed: apt install python3 python3-venv)) bin/mingcha

.DEFAULT_GOAL := help
.PHONY: help run dev stop test lint lock bench vendor clean

help:  ## this list
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  ##' Makefile | sed 's/:.*## /\t/' | expand -t 10

run:  ## everything on this machine: install, start, load the demonstration bureau, serve
	@$(MINGCHA) run

dev:  ## as run, restarting on every change of the source
	@$(MINGCHA) dev

stop:  ## stop what runs from this checkout, from another terminal
	@$(MINGCHA) stop

test:  ## install what tests need and run them all; some: make test ARGS="tests/core -x"
	@$(MINGCHA) test $(ARGS)

lint:  ## ruff, mypy strict, import borders, djlint, migrations, check --deploy, locks
	@$(MINGCHA) lint

lock:  ## write requirements*.txt anew from pyproject.toml
	@$(MINGCHA) lock

bench:  ## the benchmarks, as ratios measured in one run
	@$(MINGCHA) bench $(ARGS)

vendor:  ## fetch the front-end files named in static/vendor and compare their digests
	@$(MINGCHA) vendor $(ARGS)

clean:  ## remove .venv, caches and all data of this checkout (asks for YES=1)
	@$(MINGCHA) clean
