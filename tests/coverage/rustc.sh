#!/bin/sh
# What cargo calls in place of rustc for the crates of this workspace (RUSTC_WORKSPACE_WRAPPER): the same, with counters
# in the code. Dependencies have none, and are not built again for it.
exec "$@" -C instrument-coverage
