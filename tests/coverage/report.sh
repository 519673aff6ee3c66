#!/bin/sh
# Runs the simulator with counters in the code, and says what of the engine it reached: `make coverage`.
#
# Needs llvm-profdata and llvm-cov that read what rustc writes: those of `rustup component add llvm-tools`, or a
# distribution's of LLVM 19 or later (Debian: llvm-19).
set -eu
: "${CARGO:=cargo}"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out="${CARGO_TARGET_DIR:-$top/target}/coverage"

tools="$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin"
find_tool() {
  for tool in "$tools/$1" "$1"-22 "$1"-21 "$1"-20 "$1"-19; do
    if command -v "$tool" >/dev/null 2>&1; then echo "$tool"; return; fi
  done
  echo "$1 is not there: rustup component add llvm-tools, or install LLVM 19 or later" >&2
  exit 1
}
profdata=$(find_tool llvm-profdata)
cov=$(find_tool llvm-cov)

rm -rf "$out"
mkdir -p "$out"
export RUSTC_WORKSPACE_WRAPPER="$here/rustc.sh"
# The build's own programs have counters too, and theirs are of no interest.
export LLVM_PROFILE_FILE="$out/build/%p.profraw"
cd "$top"
program=$($CARGO test -p jangbu-actors --test sim --no-run --message-format json | sed -n 's/.*"executable":"\([^"]*sim-[^"]*\)".*/\1/p' | tail -1)
# What a failed test reached is reported, too.
failed=0
LLVM_PROFILE_FILE="$out/sim-%p.profraw" "$program" "$@" || failed=$?
"$profdata" merge -sparse "$out"/sim-*.profraw -o "$out/sim.profdata"
rm -f "$out"/sim-*.profraw
ignore='/(registry|rustc|tests|sim|disk)/|_tests\.rs|/tests\.rs|plant/'
"$cov" report "$program" -instr-profile="$out/sim.profdata" -ignore-filename-regex="$ignore" > "$out/all.txt"
"$cov" show "$program" -instr-profile="$out/sim.profdata" -ignore-filename-regex="$ignore" \
  -format=html -output-dir="$out/html" >/dev/null
# Regions: the pieces of code between two branches.
awk '
  match($1, /(ledger|supervisor|account|journal)\//) {
    part = substr($1, RSTART, RLENGTH - 1)
    regions[part] += $2; missed[part] += $3
    print "  " $1 ": " $4
  }
  END { for (p in regions) printf "%s: %.1f%% of %d regions\n", p, 100 * (1 - missed[p] / regions[p]), regions[p] }
' "$out/all.txt"
echo "line by line: $out/html/index.html"
exit $failed
