#!/usr/bin/env bash
# Checks the delivery and restore models with Spin: the good ones must hold, and every broken variant must be caught.
# Needs: spin gcc. Prints one line a check; exits 1 when any is not as it must be.
set -uo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# check WANT FILE PROPERTY [weak-fairness] [-D...]   WANT is `holds` or `broken`, PROPERTY the name of an ltl or `assertions`
check() {
  local want=$1 file=$2 property=$3 fair='' build='' search
  shift 3
  if [ "${1:-}" = weak-fairness ]; then fair=-f; shift; fi
  search="-a $fair -N $property"
  if [ "$property" = assertions ]; then build=-DSAFETY search=''; fi
  local dir; dir=$(mktemp -d -p "$work")
  cp "$file" "$dir/model.pml"
  local out
  if ! out=$(cd "$dir" && spin -a "$@" model.pml 2>&1 && gcc -O2 -DCOLLAPSE -DNFAIR=4 $build -o pan pan.c 2>&1 &&
    timeout 280 ./pan $search -m5000000 2>&1); then
    report "$want" error "$file $* [$property]" "$out"
    return
  fi
  local verdict=holds
  grep -Eq 'errors: [1-9]' <<<"$out" && verdict=broken
  # A search that was cut short has proved nothing.
  if [ "$verdict" = holds ] && { ! grep -q 'errors: 0' <<<"$out" || grep -Eq 'truncated|max search depth|out of memory' <<<"$out"; }; then
    verdict=incomplete
  fi
  report "$want" "$verdict" "$file $* [$property${fair:+, weakly fair}]" "$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1 states/p' <<<"$out" | head -1)"
}

report() {
  local want=$1 got=$2 what=$3 detail=$4 mark=ok
  if [ "$want" != "$got" ]; then mark=FAIL; failures=$((failures + 1)); fi
  printf '%-4s %-8s (want %-6s)  %s  %s\n' "$mark" "$got" "$want" "$what" "${detail:0:120}"
}

check holds delivery.pml safe
check holds delivery.pml live weak-fairness
check holds delivery.pml safe -DN=4 -DCR=3 -DCUTS=3
for mistake in ACK_EARLY NO_DEDUP SPLIT SPLIT2 DROP_ON_SENT; do
  check broken delivery.pml safe "-D$mistake"
done
check broken delivery.pml live weak-fairness -DPOISON

# One roll-back of S, and R set back twice: also to a copy from before its first restore.
check holds restore.pml assertions
check holds restore.pml assertions -DR_RESTORES=1 -DR_COPIES=1 -DCUTS=1
# S restored from one copy again and again.
check holds restore.pml assertions -DIDS=3 -DS_RESTORES=2 -DR_RESTORES=1 -DR_COPIES=1 -DSTREAMS=7
for mistake in SAME_STREAM NUMBER_ONLY NO_SAME_IDS SILENT SILENT_THERE UNACKED_ONLY ABSENT_NOTHING NO_REWIND LATE_TAKEN; do
  check broken restore.pml assertions -DIDS=3 "-D$mistake"
done
check broken restore.pml assertions -DIDS=3 -DS_RESTORES=2 -DR_RESTORES=1 -DR_COPIES=1 -DSTREAMS=7 -DOWN_MARK

[ "$failures" = 0 ] || { echo "$failures checks are not as they must be"; exit 1; }
