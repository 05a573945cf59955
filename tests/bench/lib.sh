# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every group of benches sources first. A group is a file tests/bench/*.sh; it makes its lab with the functions of
# tests/system/lib.sh, and for each row of the table:
#
#   ours()  { prepare...; timed in_host 2 "$P2PPEER" ... ; check...; }     one run each; `timed` is what counts
#   other() { prepare...; timed in_host 2 curl ... ; }
#   contender "p2ppeer get" "$P2PPEER" ours         the first is ours
#   contender "curl from nginx" curl other
#   compare "64 MiB at 100 Mbit/s" "<= 1.02 x curl"
#
# Contenders run in turn, BENCH_RUNS (3) times each; medians count, as ratios: absolute times depend on the machine.

# shellcheck source=tests/system/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../system/lib.sh"
: "${BENCH_RUNS:=3}" "${BENCH_ROWS:=/dev/stdout}"

contender_names=() contender_tools=() contender_functions=()

# contender NAME TOOL FUNCTION: takes part in the next comparison; TOOL is the program it needs.
contender() {
  contender_names+=("$1")
  contender_tools+=("$2")
  contender_functions+=("$3")
}

# timed CMD...: runs CMD; its wall-clock time is the run's result.
timed() {
  local began=$EPOCHREALTIME
  "$@"
  elapsed=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f", b - a }')
}

# note TEXT: says something about the run, such as how many hosts were found; the last run's stands in the table.
note() { run_note=$*; }

median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# compare WHAT TO_REACH: runs the contenders and writes one JSON object, a line, to BENCH_ROWS.
compare() {
  local run i json="" separator="" all
  local -a seconds notes
  echo "-- $1" >&2
  for ((run = 0; run < BENCH_RUNS; run++)); do
    for i in "${!contender_names[@]}"; do
      command -v "${contender_tools[i]}" >/dev/null || continue
      elapsed="" run_note=""
      "${contender_functions[i]}" >"$work/bench.log" 2>&1
      seconds[i]="${seconds[i]-} $elapsed"
      notes[i]=$run_note
      echo "   ${contender_names[i]}: $elapsed s ${run_note:+($run_note)}" >&2
    done
  done
  for i in "${!contender_names[@]}"; do
    if [[ -n ${seconds[i]-} ]]; then
      read -ra all <<<"${seconds[i]}"
      json+="$separator{\"tool\":\"${contender_names[i]}\",\"median_s\":$(median "${all[@]}"),\"runs_s\":[$(IFS=,; echo "${all[*]}")],\"note\":\"${notes[i]}\"}"
    else
      json+="$separator{\"tool\":\"${contender_names[i]}\",\"missing\":true}"
    fi
    separator=","
  done
  echo "{\"what\":\"$1\",\"to_reach\":\"$2\",\"contenders\":[$json]}" >>"$BENCH_ROWS"
  contender_names=() contender_tools=() contender_functions=()
}
