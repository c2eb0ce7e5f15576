#!/usr/bin/env bash
# Checks the handshake model with two first-order provers: no attack on the protocol as specified, and an attack found on
# every deliberately broken variant. Needs: eprover SPASS python3.   usage: run-handshake.sh [seconds a check]
set -uo pipefail
cd "$(dirname "$0")"
limit=${1:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# The two provers race: either may decide, and the other is given a second more, so that a contradiction would show.
# check WANT QUERY [options]   WANT is `safe` (saturation: not derivable) or `attack` (refutation: derivable)
check() {
  local want=$1; shift
  python3 handshake.py "$@" >"$work/problem.p"
  : >"$work/e"; : >"$work/s"
  timeout "$limit" eprover --auto -s "$work/problem.p" >"$work/e" 2>/dev/null & local e=$!
  timeout "$limit" SPASS -TPTP=1 -DocProof=0 -PGiven=0 -PProblem=0 "$work/problem.p" >"$work/s" 2>&1 & local s=$!
  while kill -0 "$e" 2>/dev/null || kill -0 "$s" 2>/dev/null; do
    if [ "$(verdicts)" != '' ]; then sleep 1; break; fi
    sleep 0.2
  done
  kill "$e" "$s" 2>/dev/null
  wait "$e" "$s" 2>/dev/null
  local got; got=$(verdicts)
  local mark=ok
  if [ "$want" != "$got" ]; then mark=FAIL; failures=$((failures + 1)); fi
  printf '%-4s %-9s (want %-6s)  %s\n' "$mark" "${got:-undecided}" "$want" "$*"
}

# What the provers have said so far: nothing, `safe`, `attack`, or both, which no check accepts.
verdicts() {
  {
    grep -q 'SZS status Unsatisfiable' "$work/e" && echo attack
    grep -q 'SZS status Satisfiable' "$work/e" && echo safe
    grep -q 'Proof found' "$work/s" && echo attack
    grep -q 'Completion found' "$work/s" && echo safe
  } | sort -u | paste -sd+
}

echo 'the protocol as specified'
check attack sanity # a run between two honest peers ends: the model is not empty
for query in sec_i sec_r fs_i fs_r auth_i auth_r downgrade_i downgrade_r uks hide_i; do check safe "$query"; done
check safe kci_r --leak=a
check safe kci_i --leak=b

echo 'what it does not promise, and must therefore find'
check attack hide_r
check attack auth_i --leak=a
check attack sec_r --leak=a

echo 'broken variants'
check attack auth_r --broken=no_sig
check attack sec_i --broken=no_sig
check attack fs_i --broken=static_share
check attack downgrade_i --broken=no_version_in_transcript
check attack uks --broken=badh
check attack kci_r --leak=a --broken=no_sig

[ "$failures" = 0 ] || { echo "$failures checks are not as they must be"; exit 1; }
